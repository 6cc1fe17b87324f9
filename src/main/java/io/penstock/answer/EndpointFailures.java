package io.penstock.answer;

import io.penstock.error.ErrorCode;
import java.time.Duration;

/** Says what went wrong with an endpoint, for the person who runs it: names variable and host, never the key. */
final class EndpointFailures {
    private static final int DETAIL_LENGTH = 300;

    private final AnswerSettings settings;

    EndpointFailures(AnswerSettings settings) {
        this.settings = settings;
    }

    ModelFailure keyMissing() {
        return ModelFailure.permanent(
                ErrorCode.LLM_UNAUTHORIZED,
                "There is no key for the language model at " + settings.host()
                        + ": set OPENAI_API_KEY (any value, if the endpoint wants none).");
    }

    /** The model wrote something, and a filter kept it. */
    ModelFailure withheld(String model) {
        return ModelFailure.permanent(
                ErrorCode.LLM_FAILED,
                "The language model " + model + " at " + settings.host()
                        + " withheld its answer: its content filter objected.");
    }

    /** The model reached its limit of tokens, by thinking for example, and has written nothing. */
    ModelFailure usedUp(String model) {
        return ModelFailure.permanent(
                ErrorCode.LLM_FAILED,
                "The language model " + model + " at " + settings.host()
                        + " used up its tokens before it wrote any text: let it write more, or choose another with"
                        + " PENSTOCK_LLM_MODEL or in the processor.");
    }

    ModelFailure empty(String model) {
        return ModelFailure.retryable(
                ErrorCode.LLM_FAILED,
                "The language model " + model + " at " + settings.host() + " answered without text.");
    }

    /** @throws InterruptedException when the calling thread was interrupted, whatever else happened */
    ModelFailure of(Throwable problem, String model) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the call was cancelled");
        }
        if (!(problem instanceof EndpointException e)) {
            // LangChain4j could not make sense of an event; its message may quote it.
            return unreadable();
        }
        return switch (e.kind()) {
            case REFUSED -> refused(e, model);
            case UNREACHABLE ->
                ModelFailure.retryable(
                        ErrorCode.LLM_UNREACHABLE,
                        "The language model at " + settings.host() + " cannot be reached" + inBrackets(e.detail())
                                + ": check OPENAI_BASE_URL, and that the endpoint is running.");
            case BROKEN ->
                ModelFailure.retryable(
                        ErrorCode.LLM_UNREACHABLE,
                        "The language model at " + settings.host()
                                + " (OPENAI_BASE_URL) broke the connection off in the middle of its answer"
                                + inBrackets(e.detail()) + ".");
            case STALLED ->
                ModelFailure.retryable(
                        ErrorCode.LLM_TIMEOUT,
                        "The language model at " + settings.host() + " (OPENAI_BASE_URL) sent nothing for "
                                + seconds(settings.stallTimeout()) + " (PENSTOCK_LLM_STALL_SECONDS).");
            case LATE -> late();
            case REPORTED ->
                ModelFailure.retryable(
                        ErrorCode.LLM_FAILED,
                        "The language model " + model + " at " + settings.host()
                                + " reported an error in the middle of its answer" + detail(e.detail()) + ".");
            case TRUNCATED ->
                ModelFailure.retryable(
                        ErrorCode.LLM_FAILED,
                        "The language model " + model + " at " + settings.host()
                                + " ended its answer before it was whole.");
            case UNREADABLE -> unreadable();
            case TOO_LARGE ->
                ModelFailure.permanent(
                        ErrorCode.LLM_FAILED,
                        "The answer of the language model " + model + " at " + settings.host() + " is too large"
                                + inBrackets(e.detail()) + ".");
            case CANCELLED -> throw new InterruptedException("the call was cancelled");
        };
    }

    /** What the endpoint sent could not be made sense of. */
    ModelFailure unreadable() {
        return ModelFailure.retryable(
                ErrorCode.LLM_FAILED,
                "What " + settings.host() + " answered is not a streamed chat completion: check OPENAI_BASE_URL.");
    }

    private ModelFailure late() {
        return ModelFailure.retryable(
                ErrorCode.LLM_TIMEOUT,
                "The language model at " + settings.host() + " (OPENAI_BASE_URL) did not end its answer within "
                        + seconds(settings.timeout()) + " (PENSTOCK_LLM_TIMEOUT_SECONDS).");
    }

    private ModelFailure refused(EndpointException e, String model) {
        int status = e.status();
        String answered = "The language model " + model + " at " + settings.host() + " answered with status " + status
                + detail(e.detail());
        return switch (status) {
            case 401, 403 ->
                ModelFailure.permanent(
                        ErrorCode.LLM_UNAUTHORIZED,
                        "The language model at " + settings.host() + " refused the key (" + status
                                + "): check OPENAI_API_KEY and that the key may use " + model + ".");
            case 404 ->
                ModelFailure.permanent(
                        ErrorCode.LLM_FAILED,
                        answered + ". Check OPENAI_BASE_URL, and that it serves a model of this name.");
            case 408, 504 ->
                ModelFailure.retryable(
                        ErrorCode.LLM_TIMEOUT,
                        "The language model at " + settings.host() + " (OPENAI_BASE_URL) gave up in time (" + status
                                + ")" + detail(e.detail()) + ".");
            default -> {
                if (status != 429 && status < 500) {
                    yield ModelFailure.permanent(ErrorCode.LLM_FAILED, answered + ".");
                }
                yield new ModelFailure(ErrorCode.LLM_FAILED, answered + ".", false, e.retryAfter());
            }
        };
    }

    private static String detail(String said) {
        String line = said.replaceAll("\\s+", " ").strip();
        return line.isEmpty() ? "" : ": " + (line.length() > DETAIL_LENGTH ? line.substring(0, DETAIL_LENGTH) : line);
    }

    private static String inBrackets(String said) {
        return said.isBlank() || said.equals("null") ? "" : " (" + said + ")";
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
