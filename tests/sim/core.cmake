add_executable(sim sim_main.c world.c world_sale.c world_disk.c world_faults.c world_engine.c world_bidders.c
  world_staff.c world_reach.c world_trace.c auditor.c auditor_ladder.c auditor_money.c auditor_standing.c auditor_verdict.c
  auditor_staff.c auditor_bids.c auditor_clock.c auditor_flow.c auditor_rounds.c auditor_people.c
  auditor_formats.c ${PROJECT_SOURCE_DIR}/auction-svc/service/engine_clock.c)
target_link_libraries(sim PRIVATE lotcast_options auction_record)
add_test(NAME sim_200_seeds COMMAND sim --seeds 1-200 --reach)
set_tests_properties(sim_200_seeds PROPERTIES LABELS sim TIMEOUT 120)

# Canaries: a planted fault must be found, and by the auditor, not by a crash.
foreach(fault equal_bid price_falls refund_forgotten wrong_winner lost_bid seq_gap pause_jump refusal_extends
              replay_differs endless_round maximum_told maximum_not_held step_skipped leader_by_budget
              undo_keeps_leader refusal_order below_reserve sealed_told late_bid no_extension scope_ignored
              early_hammer gavel_ignored second_answer unsynced_answer dutch_price first_for_second
              uniform_first candle_late snapshot_differs warning_twice stagger_lost reopen_no_refund)
  add_test(NAME sim_canary_${fault} COMMAND sim --seeds 1-60 --plant ${fault})
  set_tests_properties(sim_canary_${fault} PROPERTIES LABELS sim TIMEOUT 120
    PASS_REGULAR_EXPRESSION "seed [0-9]+: audit failed" FAIL_REGULAR_EXPRESSION "Sanitizer;broken invariant;never planted")
endforeach()

# Built with the tests so that it never rots; not a test itself.
include("${PROJECT_SOURCE_DIR}/tests/bench/core.cmake")
