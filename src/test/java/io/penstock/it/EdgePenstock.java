package io.penstock.it;

import io.penstock.shared.OncePerProcess;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One running application with narrow limits, for what is about its edges. */
final class EdgePenstock implements ParameterResolver {
    static final int SECONDS = 2;
    static final int CONNECTIONS = 60;
    static final String ORIGIN = "https://app.example.org";

    private static final OncePerProcess<PenstockProcess> PENSTOCK = new OncePerProcess<>(EdgePenstock::start);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == PenstockProcess.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return PENSTOCK.get();
    }

    private static PenstockProcess start() {
        PenstockProcess penstock = PenstockProcess.shared("edge")
                .with("PENSTOCK_MAX_TOPICS", 3)
                .with("PENSTOCK_CORS_ORIGINS", ORIGIN + ", http://localhost:3000")
                .with("PENSTOCK_HTTP_HEADER_SECONDS", SECONDS)
                .with("PENSTOCK_HTTP_BODY_SECONDS", SECONDS)
                .with("PENSTOCK_HTTP_WRITE_SECONDS", SECONDS)
                .with("PENSTOCK_HTTP_CONNECTIONS", CONNECTIONS);
        penstock.start();
        return penstock;
    }
}
