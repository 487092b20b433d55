# The real broker, engine and bridge under Debian's Chromium.
lotcast_script_test(stack_clients LABEL browser TIMEOUT 120 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/stack_clients.test.mjs")
lotcast_script_test(stack_sale LABEL browser TIMEOUT 120 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/stack_sale.test.mjs")
lotcast_script_test(stack_ingress LABEL browser TIMEOUT 120 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/stack_ingress.test.mjs")
lotcast_script_test(stack_faults LABEL browser TIMEOUT 240 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/stack_faults.test.mjs")
lotcast_script_test(stack_formats LABEL browser TIMEOUT 240 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/stack_formats.test.mjs")
lotcast_script_test(stack_cluster LABEL browser TIMEOUT 120 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/stack_cluster.test.mjs")
lotcast_script_test(stack_cut LABEL browser TIMEOUT 200 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/stack_cut.test.mjs")
