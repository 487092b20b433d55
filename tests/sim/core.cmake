add_executable(sim sim_main.c world.c auditor.c)
target_link_libraries(sim PRIVATE lotcast_options auction_record)
add_test(NAME sim_200_seeds COMMAND sim --seeds 1-200)
set_tests_properties(sim_200_seeds PROPERTIES LABELS sim TIMEOUT 60)

# Canaries: a planted fault must be found, and by the auditor, not by a crash.
foreach(fault equal_bid price_falls refund_forgotten wrong_winner lost_bid seq_gap pause_jump refusal_extends
              replay_differs endless_round)
  add_test(NAME sim_canary_${fault} COMMAND sim --seeds 1-20 --plant ${fault})
  set_tests_properties(sim_canary_${fault} PROPERTIES LABELS sim TIMEOUT 60
    PASS_REGULAR_EXPRESSION "seed [0-9]+: audit failed" FAIL_REGULAR_EXPRESSION "Sanitizer;broken invariant")
endforeach()

# Built with the tests so that it never rots; not a test itself.
include("${PROJECT_SOURCE_DIR}/tests/bench/core.cmake")
