package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.schema.ChatRequest;
import io.penstock.stage.CallException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** How long whoever asked waits, and what is still worth trying in that time. May be used from any thread. */
final class Patience {
    /** How long {@code chat.request} keeps a question: one that claims to be older bears no time that can be trusted. */
    static final Duration KEPT = Duration.ofDays(1);

    /** What the clocks of two machines may differ by without a question being given up for it. */
    private static final Duration CLOCKS = Duration.ofSeconds(30);

    private final ChatSettings settings;
    private final InstantSource clock;

    Patience(ChatSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Why an attempt would be in vain, if nobody would wait for its end. A first attempt is made as long as somebody waits, since most
     * take far less than they may. Another follows a timeout or a failure, and is made only if it can take as long as it may.
     */
    Optional<CallException> inVain(ChatRequest request, int attempt) {
        Instant now = clock.instant();
        boolean inVain = attempt > 1
                ? isOver(request, now.plus(settings.callTimeout()))
                : isOver(request, now.minus(CLOCKS))
                        && now.isBefore(request.getRequestedAt().plus(KEPT));
        return inVain
                ? Optional.of(CallException.permanent(
                        ErrorCode.CHAT_TIMEOUT.code(),
                        "The question was asked at " + request.getRequestedAt() + ", and whoever asked waits for "
                                + settings.patience().toSeconds() + " s: attempt " + attempt
                                + " to answer it could not end in time."))
                : Optional.empty();
    }

    /**
     * The failure, for good when another attempt could not end while whoever asked still waits: then the reply that says why comes
     * at once, instead of none, and the session's next question is not held up.
     */
    CallException inTime(CallException failure, ChatRequest request) {
        Duration named = failure.retryAfter();
        Duration wait = named != null && named.compareTo(ChatCalls.BACKOFF) > 0 ? named : ChatCalls.BACKOFF;
        Instant end = clock.instant().plus(wait).plus(settings.callTimeout());
        return isOver(request, end) && !failure.isPermanent()
                ? CallException.permanent(failure.code(), String.valueOf(failure.getMessage()), failure)
                : failure;
    }

    private boolean isOver(ChatRequest request, Instant at) {
        return at.isAfter(request.getRequestedAt().plus(settings.patience()));
    }
}
