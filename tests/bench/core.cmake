# Never part of pass or fail: run it by hand, built with optimisation and without sanitizers.
if(NOT TARGET bench_core)
  add_executable(bench_core "${PROJECT_SOURCE_DIR}/tests/bench/bench_core.c")
  target_link_libraries(bench_core PRIVATE lotcast_options auction_core)
endif()
