lotcast_fuzz(fuzz_engineio_payload SOURCE fuzz_engineio_payload.c CORPUS corpus/engineio_payload DEPENDS engineio)
lotcast_fuzz(fuzz_socketio_packet SOURCE fuzz_socketio_packet.c CORPUS corpus/socketio_packet DEPENDS socketio)
lotcast_fuzz(fuzz_session SOURCE fuzz_session.c CORPUS corpus/session DEPENDS socketio engineio)
# The decoder of chunked bodies lies beside the web server, but is pure.
lotcast_fuzz(fuzz_chunks SOURCE fuzz_chunks.c CORPUS corpus/chunks DEPENDS base)
target_sources(fuzz_chunks PRIVATE "${PROJECT_SOURCE_DIR}/bridge/io/web_server_chunks.c")
