# The Admin UI's own pages against our server, and against the reference: the same test.
lotcast_script_test(admin_ui LABEL browser TIMEOUT 180 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/admin_ui.test.mjs")
lotcast_script_test(admin_ui_reference LABEL browser TIMEOUT 180 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/admin_ui.test.mjs" reference)
