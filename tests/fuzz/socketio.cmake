lotcast_fuzz(fuzz_engineio_payload SOURCE fuzz_engineio_payload.c CORPUS corpus/engineio_payload DEPENDS engineio)
lotcast_fuzz(fuzz_socketio_packet SOURCE fuzz_socketio_packet.c CORPUS corpus/socketio_packet DEPENDS socketio)
lotcast_fuzz(fuzz_session SOURCE fuzz_session.c CORPUS corpus/session DEPENDS socketio)
lotcast_fuzz(fuzz_msgpack SOURCE fuzz_msgpack.c CORPUS corpus/msgpack DEPENDS socketio)
