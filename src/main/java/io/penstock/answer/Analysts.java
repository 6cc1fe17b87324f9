package io.penstock.answer;

import io.penstock.schema.ModelChoice;
import io.penstock.stage.Provider;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds who writes the analyses of a processor. May be used from any thread. */
@FunctionalInterface
public interface Analysts {
    /**
     * The analyst for a processor, or empty when it wants no analyses or no language model is configured.
     *
     * @param choice what the processor says about it; null when it says nothing
     */
    Optional<Analyst> analyst(@Nullable ModelChoice choice);

    /** Whose capacity analyses use. */
    default Provider provider() {
        return Provider.UNLIMITED;
    }
}
