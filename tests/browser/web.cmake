# The web pages: pure modules under node, pages in Debian's Chromium against a mock of the bridge. `npm ci && npm run build` in web/ comes first; without it they are skipped.
lotcast_script_test(web_check LABEL unit COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/web_modules.sh" check)
lotcast_script_test(web_unit LABEL unit COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/web_modules.sh" test)
lotcast_script_test(web_room LABEL browser TIMEOUT 300 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/room.test.mjs")
lotcast_script_test(web_staff LABEL browser TIMEOUT 240 COMMAND node "${CMAKE_CURRENT_SOURCE_DIR}/staff.test.mjs")
