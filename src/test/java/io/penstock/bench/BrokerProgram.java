package io.penstock.bench;

import io.penstock.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;

/** The embedded broker alone in a process, so that what it costs is told apart from its clients. Ends with its input. */
public final class BrokerProgram {
    private BrokerProgram() {}

    /** Prints where clients connect. */
    public static void main(String... arguments) throws IOException {
        Logs.warningsOnly();
        try (EmbeddedBroker broker = EmbeddedBroker.start(Path.of(arguments[0]), 0)) {
            System.out.println(broker.bootstrapServers());
            while (System.in.read() >= 0) {
                // nothing is ordered
            }
        }
    }
}
