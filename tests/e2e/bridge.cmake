find_program(NODE_PROGRAM node)
find_program(MOSQUITTO_PROGRAM mosquitto PATHS /usr/sbin)
if(NODE_PROGRAM AND MOSQUITTO_PROGRAM)
  lotcast_script_test(bridge_e2e LABEL e2e TIMEOUT 180
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/bridge.test.mjs)
  lotcast_script_test(bridge_order_e2e LABEL e2e TIMEOUT 120
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/bridge-order.test.mjs)
  lotcast_script_test(bridge_drain_e2e LABEL e2e TIMEOUT 120
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/bridge-drain.mjs)
  lotcast_script_test(bridge_bad_input_e2e LABEL e2e TIMEOUT 120
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/bridge-bad-input.mjs)
  lotcast_script_test(bridge_admin_e2e LABEL e2e TIMEOUT 120
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/bridge-admin.mjs)
  lotcast_script_test(imports_e2e LABEL e2e TIMEOUT 400
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/imports.test.mjs)
  lotcast_script_test(bridge_clients_e2e LABEL e2e TIMEOUT 120
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/bridge-clients.test.mjs)
  lotcast_script_test(rules_e2e LABEL e2e TIMEOUT 180
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/rules.test.mjs)
  lotcast_script_test(secrets_e2e LABEL e2e TIMEOUT 120
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/secrets.test.mjs)
  lotcast_script_test(recovery_e2e LABEL e2e TIMEOUT 240
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/e2e/recovery.test.mjs)
endif()
