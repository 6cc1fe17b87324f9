package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.stage.CallException;
import io.penstock.stage.Provider;
import io.penstock.stage.StageFunction;
import io.penstock.stage.Step;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Headers;

/** Does with each record what its value says, and notes each call before it is made, where a kill does not undo it. */
final class ScriptedCalls implements StageFunction<String, String, String> {
    private static final Provider NARROW = new Provider("narrow", 8, 0);
    private static final Duration ASKED_TO_WAIT = Duration.ofMillis(300);

    private final OutputStream calls;

    /** @param calls takes a line for each call; must not keep it in memory */
    ScriptedCalls(OutputStream calls) {
        this.calls = calls;
    }

    @Override
    public Provider provider(String key, String value) {
        return Work.parse(value).kind() == Work.Kind.FLAKY ? NARROW : Provider.UNLIMITED;
    }

    @Override
    public Step<String> prepare(String key, String value, Headers headers, int attempt) {
        Work work = Work.parse(value);
        return new Step.Call<>(_ -> {
            calls.write((work.id() + " " + attempt + "\n").getBytes(UTF_8));
            return answer(work, attempt);
        });
    }

    private static String answer(Work work, int attempt) throws CallException, InterruptedException, IOException {
        switch (work.kind()) {
            case QUICK, SLOW -> take(work.amount());
            case FLAKY -> {
                take(5);
                if (attempt <= work.amount()) {
                    // In all ways in which a call may ask for another attempt.
                    switch (attempt % 3) {
                        case 0 -> throw new IOException("connection reset");
                        case 1 -> throw CallException.retryable(Work.UNAVAILABLE_CODE, "not now", null);
                        default -> throw CallException.retryAfter(Work.UNAVAILABLE_CODE, "later", ASKED_TO_WAIT);
                    }
                }
            }
            case STUCK -> {
                if (attempt == 1) {
                    new CountDownLatch(1).await();
                }
            }
            case POISON -> throw CallException.permanent(Work.POISON_CODE, "record " + work.id() + " is poison");
            case UNAVAILABLE ->
                throw CallException.retryable(Work.UNAVAILABLE_CODE, "attempt " + attempt + " failed", null);
        }
        return work.outcome(attempt);
    }

    private static void take(long millis) throws InterruptedException {
        boolean ended = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        if (ended) {
            throw new IllegalStateException("nobody ends it");
        }
    }
}
