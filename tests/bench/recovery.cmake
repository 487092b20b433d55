# By hand, built with optimisation and without sanitizers: `bench_recovery` for a million facts.
add_executable(bench_recovery bench_recovery.c)
target_link_libraries(bench_recovery PRIVATE lotcast_options ledger_room)
add_test(NAME bench_recovery_smoke COMMAND bench_recovery 3000)
set_tests_properties(bench_recovery_smoke PROPERTIES LABELS "bench" TIMEOUT 60)
