# The web pages: pure modules under node, pages in Debian's Chromium against a mock of the bridge. `npm ci && npm run build` in web/ comes first; without it they are skipped.
lotcast_script_test(web_check LABEL unit COMMAND sh -c "[ -d web/node_modules/typescript ] || exit 77; exec web/node_modules/.bin/tsc --noEmit -p web")
lotcast_script_test(web_unit LABEL unit COMMAND sh -c "[ -d web/node_modules/esbuild ] || exit 77; cd web && exec npm run -s test")
lotcast_script_test(web_room LABEL browser TIMEOUT 240 COMMAND node --test "${CMAKE_CURRENT_SOURCE_DIR}/room.test.mjs")
lotcast_script_test(web_staff LABEL browser TIMEOUT 240 COMMAND node --test "${CMAKE_CURRENT_SOURCE_DIR}/staff.test.mjs")
