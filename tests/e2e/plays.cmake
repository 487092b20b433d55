# Whole sales over real programs: broker, engine, bridges, boards, bots, official clients, proxies.
lotcast_script_test(e2e_ctl_bots LABEL e2e TIMEOUT 120 COMMAND node tests/e2e/ctl_bots.mjs)
lotcast_script_test(e2e_ctl_commands LABEL e2e TIMEOUT 120 COMMAND node tests/e2e/ctl_commands.mjs)
foreach(transport polling websocket mixed)
  lotcast_script_test(e2e_play_bots_${transport} LABEL e2e TIMEOUT 180 COMMAND node tests/e2e/play_bots.mjs ${transport})
endforeach()
lotcast_script_test(e2e_play_clients LABEL e2e TIMEOUT 240 COMMAND node tests/e2e/play_clients.mjs)
lotcast_script_test(e2e_play_bridges LABEL e2e TIMEOUT 180 COMMAND node tests/e2e/play_bridges.mjs)
lotcast_script_test(e2e_ingress LABEL e2e TIMEOUT 240 COMMAND node tests/e2e/ingress.mjs)
