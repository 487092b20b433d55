# The engine over a real broker. Figures are never part of pass or fail; that it works is (bench_engine_smoke).
set(engine_bench "${PROJECT_SOURCE_DIR}/tests/bench/engine")
add_executable(bench_engine
  ${engine_bench}/bench_engine.c ${engine_bench}/bench_rate.c ${engine_bench}/bench_single.c ${engine_bench}/bench_lateness.c
  ${engine_bench}/bench_site.c ${engine_bench}/bench_mqtt.c ${engine_bench}/bench_figures.c
  "${PROJECT_SOURCE_DIR}/tests/faults/broker_process.c")
target_link_libraries(bench_engine PRIVATE lotcast_options base)
