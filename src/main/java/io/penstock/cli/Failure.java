package io.penstock.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;

/** Why a command could not do what was asked: a stable code, and what was wrong and what to do. */
final class Failure extends RuntimeException {
    private final ExitCode exit;
    private final ObjectNode problem;

    private Failure(ExitCode exit, ObjectNode problem) {
        super(problem.path("detail").asText());
        this.exit = exit;
        this.problem = problem;
    }

    /** Something that was found out here, and not by Penstock. */
    Failure(ExitCode exit, String code, String detail) {
        this(exit, Json.object().put("code", code).put("detail", detail));
    }

    /** What Penstock answered instead of what was asked for: a problem of RFC 9457, or whatever stands in its place. */
    static Failure answered(int status, String body, URI url) {
        return Json.read(body)
                .filter(problem -> problem.path("code").isTextual())
                .map(problem -> of(problem, status))
                .orElseGet(() -> new Failure(
                        ExitCode.of(status),
                        "http." + status,
                        "The answer from " + url + " has the status " + status
                                + " and does not say why. Is that Penstock, or a proxy before it?"));
    }

    /** A problem of RFC 9457. */
    static Failure of(ObjectNode problem, int status) {
        ObjectNode told = problem.deepCopy();
        if (told.path("href").isTextual()) {
            told.put(
                    "detail",
                    told.path("detail").asText() + " The answer can be read later: GET "
                            + told.path("href").asText());
        }
        return new Failure(ExitCode.of(status), told);
    }

    /** An address that answers, but not as Penstock does. */
    static Failure notPenstock(URI url) {
        return new Failure(
                ExitCode.SERVER_FAILED,
                "client.not-understood",
                "What " + url + " answers is not what Penstock says. Is that Penstock, and of this version?");
    }

    ExitCode exit() {
        return exit;
    }

    /** Whether the same call may succeed in a moment: nobody refused it. */
    boolean mayPass() {
        return switch (exit) {
            case UNREACHABLE, SERVER_FAILED, NOT_NOW, TIMED_OUT -> true;
            case DONE, INTERNAL, USAGE, NEGATIVE, RUN_PARTIAL, RUN_FAILED, UNAUTHORIZED, REFUSED, BROKEN_PIPE -> false;
        };
    }

    String code() {
        return problem.path("code").asText();
    }

    String detail() {
        return problem.path("detail").asText();
    }

    /** All that is known, for programs. */
    ObjectNode problem() {
        return problem.deepCopy().put("exit_code", exit.code());
    }

    /** The same, said in the light of what was being done. */
    Failure because(String before) {
        ObjectNode told = problem.deepCopy();
        told.put("detail", before + " " + detail());
        return new Failure(exit, told);
    }
}
