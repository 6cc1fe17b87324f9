package io.penstock.it;

import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One running application, with the project's own {@code config/}, that all test classes of this process share which leave it as they
 * found it or use topics of their own. Started for the first that asks with a parameter of type {@link PenstockProcess}, closed
 * after the last.
 */
final class SharedPenstock implements ParameterResolver {
    /** What sources may send as the secret {@code PENSTOCK_SECRET_VESSELS}. */
    static final String SECRET = "quartz-halibut-4711";

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(SharedPenstock.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == PenstockProcess.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE).computeIfAbsent("penstock", key -> start(), PenstockProcess.class);
    }

    private static PenstockProcess start() {
        PenstockProcess penstock = PenstockProcess.shared("shared")
                .thatRunsForLong()
                .with("PENSTOCK_CONFIG", Path.of("config").toAbsolutePath())
                .with("PENSTOCK_CAPTURE_FOLDERS", captureFolders())
                .with("PENSTOCK_CAPTURE_HOSTS", "127.0.0.1")
                .with("PENSTOCK_SECRET_VESSELS", SECRET);
        penstock.start();
        return penstock;
    }

    private static String captureFolders() {
        return Path.of("docs").toAbsolutePath() + "," + Path.of("README.md").toAbsolutePath() + "," + Statements.FOLDER;
    }
}
