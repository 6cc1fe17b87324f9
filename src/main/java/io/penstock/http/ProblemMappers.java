package io.penstock.http;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever a resource throws into a problem. A caller never sees a stack trace. */
public class ProblemMappers {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemMappers.class);

    @ServerExceptionMapper
    public Response penstock(PenstockException e) {
        if (e.code() == ErrorCode.INTERNAL) {
            return unexpected(e);
        }
        return Problem.response(e.code(), e.detail());
    }

    @ServerExceptionMapper
    public Response web(WebApplicationException e) {
        int status = e.getResponse().getStatus();
        return switch (status) {
            case 404 ->
                Problem.response(
                        ErrorCode.PATH_UNKNOWN, "There is nothing at this path. GET /q/openapi lists what there is.");
            case 405 ->
                Problem.response(
                        ErrorCode.METHOD_NOT_ALLOWED, "This path does not take that method. See GET /q/openapi.");
            case 406, 415 ->
                Problem.response(status, ErrorCode.MEDIA_TYPE_UNSUPPORTED.code(), "Send and accept application/json.");
            case 413 -> Problem.response(ErrorCode.BODY_TOO_LARGE, "The body is larger than 1 MiB.");
            default ->
                status < 500
                        ? Problem.response(status, ErrorCode.BODY_MALFORMED.code(), "The request cannot be understood.")
                        : unexpected(e);
        };
    }

    @ServerExceptionMapper
    public Response interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return Problem.response(ErrorCode.NOT_READY, "The application is stopping; ask again when it is back.");
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable e) {
        String reference = UUID.randomUUID().toString();
        LOG.error("An unexpected error, reference {}", reference, e);
        return Problem.response(
                ErrorCode.INTERNAL, "An unexpected error. The log has more under the reference " + reference + ".");
    }
}
