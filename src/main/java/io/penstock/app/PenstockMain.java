package io.penstock.app;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.http.HttpSettings;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Checks what can be checked before anything is started, says what is wrong in one line, and starts the application. */
@QuarkusMain
public final class PenstockMain {
    private PenstockMain() {}

    public static void main(String... args) {
        try {
            PenstockSettings wanted = PenstockSettings.fromProcess();
            HttpSettings.fromProcess(); // read again where it is needed; a wrong one stops the start here
            // The folder first: a second start on the same data is told so, not that its port is taken.
            DataFolder folder = DataFolder.open(wanted.data());
            PenstockSettings settings = withFreePorts(wanted);
            folder.announce(settings.url());
            Launch.begin(settings, folder);
            // What the server reads is what was checked here.
            System.setProperty("penstock.port", Integer.toString(settings.port()));
            System.setProperty("penstock.host", settings.host());
        } catch (PenstockException e) {
            System.err.println("penstock: " + e.detail());
            System.exit(1);
        }
        Quarkus.run(args);
    }

    /** Replaces "any" by a free port, and makes sure that a named one is free. */
    private static PenstockSettings withFreePorts(PenstockSettings settings) {
        int http = free(settings.host(), settings.port(), "PENSTOCK_PORT");
        int kafka = settings.bootstrapServers().isPresent()
                ? settings.kafkaPort()
                : free("127.0.0.1", settings.kafkaPort(), "PENSTOCK_KAFKA_PORT");
        return settings.withPorts(http, kafka);
    }

    private static int free(String host, int port, String variable) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "The port " + port + " on " + host + " is taken (" + e.getMessage()
                            + "). Stop what uses it, or set " + variable + " to another one (0 for any).",
                    e);
        }
    }
}
