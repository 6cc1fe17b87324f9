package io.penstock.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Serves the embedded registry over HTTP: Confluent's API as {@link RegistryApi} answers it, errors in its shape too. */
@Path(RegistryResource.ROOT)
@Consumes(MediaType.WILDCARD)
@Produces({RegistryResource.V1_JSON, "application/vnd.schemaregistry+json", MediaType.APPLICATION_JSON})
@Tag(name = "Schema registry", description = "Confluent's Schema Registry API over the embedded registry")
public class RegistryResource {
    static final String ROOT = "/registry";
    static final String V1_JSON = "application/vnd.schemaregistry.v1+json";
    private static final String BELOW = "{path:.*}";

    private final RegistryApi api;

    @Inject
    public RegistryResource(RegistryAccess access) {
        this.api = new RegistryApi(access::get);
    }

    @GET
    @Operation(hidden = true)
    public Response root(@Context UriInfo uri) {
        return answer("GET", uri, null);
    }

    @GET
    @Path(BELOW)
    @Operation(summary = "Subjects, versions, schemas by id, compatibility levels")
    public Response get(@Context UriInfo uri) {
        return answer("GET", uri, null);
    }

    @POST
    @Path(BELOW)
    @Operation(summary = "Register or look up a schema, or check its compatibility")
    public Response post(@Context UriInfo uri, byte[] body) {
        return answer("POST", uri, body);
    }

    @PUT
    @Path(BELOW)
    @Operation(summary = "Set a compatibility level or a mode")
    public Response put(@Context UriInfo uri, byte[] body) {
        return answer("PUT", uri, body);
    }

    @DELETE
    @Path(BELOW)
    @Operation(summary = "Delete a subject, a version, a compatibility level or a mode")
    public Response delete(@Context UriInfo uri) {
        return answer("DELETE", uri, null);
    }

    private Response answer(String method, UriInfo uri, byte @Nullable [] body) {
        URI request = uri.getRequestUri();
        String path = request.getRawPath();
        String below = path.substring(path.indexOf(ROOT) + ROOT.length());
        RegistryApi.Answer answer;
        try {
            answer = api.handle(method, below, request.getRawQuery(), body == null ? null : text(body));
        } catch (CharacterCodingException e) {
            answer = RegistryApi.error(400, RegistryException.BAD_REQUEST, "The body is not UTF-8.");
        }
        return Response.status(answer.status())
                .entity(answer.json().getBytes(UTF_8))
                .build();
    }

    private static String text(byte[] body) throws CharacterCodingException {
        return UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    }
}
