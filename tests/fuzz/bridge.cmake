lotcast_fuzz(fuzz_lots_csv SOURCE fuzz_lots_csv.c CORPUS corpus/lots_csv DEPENDS bridge_app json)
# The decoder of chunked bodies lies beside the web server, but is pure.
lotcast_fuzz(fuzz_chunks SOURCE fuzz_chunks.c CORPUS corpus/chunks DEPENDS base)
target_sources(fuzz_chunks PRIVATE "${PROJECT_SOURCE_DIR}/bridge/io/web_server_chunks.c")
