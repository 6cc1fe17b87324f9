package io.penstock.it;

import io.penstock.shared.OncePerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One running application, with the project's own {@code config/}, that all test classes of this process share which leave it as they
 * found it or use topics of their own. Started for the first that asks with a parameter of type {@link PenstockProcess}, closed
 * with the process.
 */
final class SharedPenstock implements ParameterResolver {
    /** What sources may send as the secret {@code PENSTOCK_SECRET_VESSELS}. */
    static final String SECRET = "quartz-halibut-4711";

    private static final OncePerProcess<PenstockProcess> PENSTOCK = new OncePerProcess<>(SharedPenstock::start);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == PenstockProcess.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return PENSTOCK.get();
    }

    private static PenstockProcess start() {
        PenstockProcess penstock = PenstockProcess.shared("shared")
                .with("PENSTOCK_CONFIG", Path.of("config").toAbsolutePath())
                .with("PENSTOCK_CAPTURE_FOLDERS", captureFolders())
                .with("PENSTOCK_CAPTURE_HOSTS", "127.0.0.1")
                .with("PENSTOCK_SECRET_VESSELS", SECRET);
        penstock.start();
        return penstock;
    }

    private static String captureFolders() {
        return Path.of("docs").toAbsolutePath() + "," + Path.of("README.md").toAbsolutePath() + "," + Statements.FOLDER
                + "," + documents();
    }

    /** A folder that may be captured, for files that tests write. */
    static Path documents() {
        Path folder = Path.of("target", "it", "documents").toAbsolutePath();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }
}
