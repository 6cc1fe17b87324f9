package io.penstock.stage;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/**
 * Ends of calls against the StreamThread that takes them and closes. Each end is taken or counted as late, exactly once; none is
 * taken after the close.
 */
public final class CompletionsOperations {
    private final StageMetrics metrics = new StageMetrics("checked", new HandClock());
    private final Completions<String, String, String> completions =
            new Completions<>(new HandClock(), metrics, () -> {});
    private final AtomicInteger added = new AtomicInteger();
    private int taken;
    private boolean closed;

    @Operation
    public void end(@Param(gen = IntGen.class) int call) {
        completions.add(completion(call));
        added.incrementAndGet();
    }

    @Operation(nonParallelGroup = "StreamThread")
    public boolean take() {
        if (closed || completions.poll() == null) {
            return false;
        }
        taken++;
        return true;
    }

    @Operation(nonParallelGroup = "StreamThread")
    public void close() {
        closed = true;
        completions.close();
    }

    @Validate
    public void everyEndIsTakenOrCounted() {
        int left = 0;
        while (!closed && completions.poll() != null) {
            left++;
        }
        long accounted = taken + left + metrics.droppedLate();
        if (accounted != added.get()) {
            throw new IllegalStateException(added + " calls ended; " + taken + " were taken, " + left + " wait, "
                    + metrics.droppedLate() + " were late");
        }
    }

    @SuppressWarnings("NullAway") // which call ended does not matter here
    private static Signal.Completion<String, String, String> completion(int call) {
        @Nullable Call<String, String, String> none = null;
        return new Signal.Completion<>(none, new Outcome.Succeeded<>("result " + call), null);
    }
}
