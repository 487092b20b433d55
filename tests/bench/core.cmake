# Never part of pass or fail: run it by hand, built with optimisation and without sanitizers. That no bid allocates is a test.
if(NOT TARGET bench_core)
  add_executable(bench_core "${PROJECT_SOURCE_DIR}/tests/bench/bench_core.c")
  target_link_libraries(bench_core PRIVATE lotcast_options auction_core)
  target_link_options(bench_core PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
  add_test(NAME bench_core_allocates_nothing COMMAND bench_core 20000)
  set_tests_properties(bench_core_allocates_nothing PROPERTIES LABELS unit TIMEOUT 60)
endif()
