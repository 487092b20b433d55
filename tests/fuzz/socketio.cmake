lotcast_fuzz(fuzz_engineio_payload SOURCE fuzz_engineio_payload.c CORPUS corpus/engineio_payload DEPENDS engineio)
lotcast_fuzz(fuzz_payload3 SOURCE fuzz_payload3.c CORPUS corpus/payload3 DEPENDS engineio)
lotcast_fuzz(fuzz_socketio_packet SOURCE fuzz_socketio_packet.c CORPUS corpus/socketio_packet DEPENDS socketio)
lotcast_fuzz(fuzz_session SOURCE fuzz_session.c CORPUS corpus/session DEPENDS socketio)
