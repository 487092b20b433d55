lotcast_fuzz(fuzz_chunks SOURCE fuzz_chunks.c CORPUS corpus/chunks DEPENDS http)
lotcast_fuzz(fuzz_http_request SOURCE fuzz_http_request.c CORPUS corpus/http_request DEPENDS http)
lotcast_fuzz(fuzz_websocket SOURCE fuzz_websocket.c CORPUS corpus/websocket DEPENDS websocket)
lotcast_fuzz(fuzz_endpoint SOURCE fuzz_endpoint.c CORPUS corpus/endpoint DEPENDS endpoint)
