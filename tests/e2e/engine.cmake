find_program(NODE_PROGRAM node)
find_program(MOSQUITTO_PROGRAM mosquitto PATHS /usr/sbin)
if(NODE_PROGRAM AND MOSQUITTO_PROGRAM)
  lotcast_script_test(engine_e2e LABEL e2e TIMEOUT 180
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/engine.test.mjs)
endif()
if(NODE_PROGRAM AND MOSQUITTO_PROGRAM)
  lotcast_script_test(ledger_e2e LABEL e2e TIMEOUT 180
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/ledger.test.mjs)
endif()
if(NODE_PROGRAM AND MOSQUITTO_PROGRAM)
  lotcast_script_test(formats_e2e LABEL e2e TIMEOUT 180
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/formats.test.mjs)
endif()
if(NODE_PROGRAM AND MOSQUITTO_PROGRAM)
  lotcast_script_test(ledger_swarm LABEL e2e TIMEOUT 180
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/ledger_swarm.test.mjs)
endif()
