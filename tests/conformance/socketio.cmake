add_executable(conformance_server conformance_server.c admin_desk.c suite_options.c suite_hooks.c suite_text.c
  profile_engineio.c profile_socketio.c profile_client.c profile_lab.c)
target_compile_definitions(conformance_server PRIVATE
  LOTCAST_CONFORMANCE_BUNDLE="${PROJECT_SOURCE_DIR}/tests/node_modules/socket.io/client-dist")
target_link_libraries(conformance_server PRIVATE lotcast_options bridge_admin_host bridge_files bridge_web socketio json os
  ${LIBEV_LIBRARY})

# The lines of the protocol notes by their sections, and real clients.
foreach(part 2_01_routing 2_02_handshake 2_03_polling_get 2_04_polling_post 2_05_frames 2_05_websocket 2_06_heartbeat 2_07_upgrade
    2_08_close 2_09_payload 2_10_compression 2_11_cors 2_12_packets 2_13_namespaces 2_14_events 2_15_recovery 2_16_eio3 2_17_msgpack
    2_18_bundle limits profiles clients clients_other upgrades http network admin msgpack)
  lotcast_script_test(conformance_${part} LABEL conformance TIMEOUT 180
    COMMAND node --test tests/conformance/${part}.test.mjs)
endforeach()
lotcast_script_test(conformance_soak LABEL conformance TIMEOUT 180 COMMAND node --test tests/conformance/soak.test.mjs)

# The long form: 10,000 upgrades that nobody finishes.
lotcast_script_test(conformance_soak_long LABEL long TIMEOUT 1200
  COMMAND ${CMAKE_COMMAND} -E env TRIES=10000 node --test tests/conformance/soak.test.mjs)
