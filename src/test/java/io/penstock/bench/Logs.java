package io.penstock.bench;

import org.jboss.logmanager.Level;
import org.jboss.logmanager.LogContext;

/** Logging of the programs here, as the application has it: unless it is told so, the log manager formats everything that anybody says. */
final class Logs {
    private Logs() {}

    static void warningsOnly() {
        LogContext.getLogContext().getLogger("").setLevel(Level.WARN);
    }
}
