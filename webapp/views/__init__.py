"""Flask: pages, HTTP API, WebSocket, gateway."""
