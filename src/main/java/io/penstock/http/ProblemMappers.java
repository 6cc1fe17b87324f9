package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.chat.ChatTimeoutException;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.processor.InvalidProcessorException;
import io.penstock.schema.ConfigProblem;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.Set;
import java.util.UUID;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever a resource throws into a problem. A caller never sees a stack trace. */
public class ProblemMappers {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemMappers.class);

    static final String NOTHING_HERE = "There is nothing at this path. GET /q/openapi lists what there is.";
    static final String OTHER_METHOD = "This path does not take that method. See GET /q/openapi.";
    static final String ACCEPT_JSON = "Answers are JSON: accept application/json.";

    private final Routes routes = Routes.ofDocument();

    static String unexpectedDetail(String reference) {
        return "An unexpected error. The log has more under the reference " + reference + ".";
    }

    @ServerExceptionMapper
    public Response penstock(PenstockException e, RoutingContext call) {
        return e.code() == ErrorCode.INTERNAL ? unexpected(e, call) : problem(call, e.code(), e.detail());
    }

    /** With everything that is wrong, and where. */
    @ServerExceptionMapper
    public Response invalidProcessor(InvalidProcessorException e) {
        ObjectNode body = Problem.body(e.code().status(), e.code().code(), e.detail());
        ArrayNode problems = body.putArray("problems");
        for (ConfigProblem problem : e.problems()) {
            problems.addObject()
                    .put("code", problem.getCode())
                    .put("field", problem.getField())
                    .put("pointer", InvalidProcessorException.pointer(problem.getField()))
                    .put("message", problem.getMessage());
        }
        return Problem.response(e.code(), body);
    }

    @ServerExceptionMapper
    public Response late(ChatTimeoutException e, RoutingContext call) {
        return OpenAiError.isFor(call.normalizedPath())
                ? problem(call, e.code(), e.detail())
                : Problem.response(e.code(), ChatAnswers.problem(e));
    }

    @ServerExceptionMapper
    public Response web(WebApplicationException e, RoutingContext call) {
        int status = e.getResponse().getStatus();
        return switch (status) {
            case 404 -> problem(call, ErrorCode.PATH_UNKNOWN, NOTHING_HERE);
            case 405 -> notAllowed(call);
            case 406 -> problem(call, ErrorCode.MEDIA_TYPE_NOT_ACCEPTABLE, ACCEPT_JSON);
            case 413 -> problem(call, ErrorCode.BODY_TOO_LARGE, "The body is larger than 1 MiB.");
            case 415 -> problem(call, ErrorCode.MEDIA_TYPE_UNSUPPORTED, "A body is JSON: send it as application/json.");
            default ->
                status < 500
                        ? problem(call, ErrorCode.REQUEST_MALFORMED, "The request cannot be understood.")
                        : unexpected(e, call);
        };
    }

    private Response notAllowed(RoutingContext call) {
        Response problem = problem(call, ErrorCode.METHOD_NOT_ALLOWED, OTHER_METHOD);
        Set<String> allowed = routes.methods(call.normalizedPath());
        return allowed.isEmpty()
                ? problem
                : Response.fromResponse(problem)
                        .header("Allow", String.join(", ", allowed))
                        .build();
    }

    @ServerExceptionMapper
    public Response interrupted(InterruptedException e, RoutingContext call) {
        Thread.currentThread().interrupt();
        return problem(call, ErrorCode.NOT_READY, "The application is stopping; ask again when it is back.");
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable e, RoutingContext call) {
        String reference = UUID.randomUUID().toString();
        LOG.error("An unexpected error, reference {}", reference, e);
        return problem(call, ErrorCode.INTERNAL, unexpectedDetail(reference));
    }

    private static Response problem(RoutingContext call, ErrorCode code, String detail) {
        return Problem.at(call.normalizedPath(), code, detail);
    }
}
