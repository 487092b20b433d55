# The engine over a real broker. Its figures are made by hand (docs/PERFORMANCE.md, Engine). The tests only see that it works, and that
# nothing is slower by an order of magnitude: the machine may be busy and the build full of sanitizers.
set(engine_bench "${PROJECT_SOURCE_DIR}/tests/bench/engine")
add_executable(bench_engine
  ${engine_bench}/bench_engine.c ${engine_bench}/bench_rate.c ${engine_bench}/bench_single.c ${engine_bench}/bench_lateness.c
  ${engine_bench}/bench_site.c ${engine_bench}/bench_mqtt.c ${engine_bench}/bench_figures.c ${engine_bench}/bench_sync.c
  "${PROJECT_SOURCE_DIR}/tests/faults/broker_process.c")
target_link_libraries(bench_engine PRIVATE lotcast_options base)
find_program(MOSQUITTO_PROGRAM mosquitto PATHS /usr/sbin)
if(MOSQUITTO_PROGRAM)
  add_test(NAME bench_engine_smoke COMMAND bench_engine $<TARGET_FILE:auction-svc> rate 50 1 100 single 50 50 late 20 5 3 500)
  set_tests_properties(bench_engine_smoke PROPERTIES LABELS e2e TIMEOUT 120)
  add_test(NAME bench_engine_long COMMAND bench_engine $<TARGET_FILE:auction-svc> rate 200 30 500 single 2000 50 late 100 10 30 500)
  set_tests_properties(bench_engine_long PROPERTIES LABELS long TIMEOUT 600)
endif()
