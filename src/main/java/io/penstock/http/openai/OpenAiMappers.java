package io.penstock.http.openai;

import io.penstock.http.OpenAiError;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Names the parameter that is at fault; all other errors are mapped where those of the other paths are. */
public class OpenAiMappers {
    @ServerExceptionMapper
    public Response parameter(InvalidParameter e) {
        return OpenAiError.response(e.code(), e.detail(), e.param());
    }
}
