# The load generator and the servers that it compares. Figures are never part of pass or fail; that it works is (bench_smoke).
set(bench "${PROJECT_SOURCE_DIR}/tests/bench")
lotcast_module(bench_load_parts
  SOURCES ${bench}/load_plan.c ${bench}/load_pids.c ${bench}/load_event.c ${bench}/load_http.c ${bench}/load_frames.c ${bench}/load_latency.c
          ${bench}/bid_plan.c ${bench}/bid_message.c
  DEPENDS base)
set(bench_loop ${bench}/load_loop.c ${bench}/load_session.c ${bench}/load_connection.c ${bench}/load_process.c ${bench}/load_tally.c)
add_executable(bench_load ${bench}/load_main.c ${bench}/load_run.c ${bench}/load_news.c ${bench_loop})
target_link_libraries(bench_load PRIVATE lotcast_options bench_load_parts)
add_executable(bench_bids ${bench}/bid_main.c ${bench}/bid_run.c ${bench_loop})
target_link_libraries(bench_bids PRIVATE lotcast_options bench_load_parts)
add_executable(bench_lotcast ${bench}/peers/lotcast_peer.c)
target_link_libraries(bench_lotcast PRIVATE lotcast_options bridge_web socketio ${LIBEV_LIBRARY})
add_executable(bench_raw ${bench}/peers/raw_peer.c)
target_link_libraries(bench_raw PRIVATE lotcast_options base)
target_compile_definitions(bench_raw PRIVATE _GNU_SOURCE) # accept4()

lotcast_test(test_load LABEL unit SOURCES ${bench}/test_load.c DEPENDS bench_load_parts)
lotcast_test(test_bids LABEL unit SOURCES ${bench}/test_bids.c DEPENDS bench_load_parts)
find_program(NODE_PROGRAM node)
if(NODE_PROGRAM)
  lotcast_script_test(slow_readers LABEL e2e TIMEOUT 120 COMMAND ${NODE_PROGRAM} --test tests/bench/slow_readers.test.mjs)
  lotcast_script_test(slow_readers_long LABEL long TIMEOUT 600 COMMAND ${CMAKE_COMMAND} -E env LONG=1 ${NODE_PROGRAM} --test tests/bench/slow_readers.test.mjs)
  lotcast_script_test(bench_smoke LABEL e2e TIMEOUT 120 COMMAND ${NODE_PROGRAM} --test tests/bench/smoke.test.mjs)
endif()
