package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.penstock.error.ErrorCode;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The OpenAPI document is written by hand; this holds it against the code. */
class OpenApiTest {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete");
    /** Quarkus' own, and pages whose answers are not JSON. */
    private static final Set<String> NOT_RESOURCES =
            Set.of("/q/health", "/q/health/live", "/q/health/ready", "/q/metrics", "/q/openapi");

    private static Map<String, Object> document = Map.of();

    private record Operation(String path, String method, Map<String, Object> description) {
        @Override
        public String toString() {
            return method.toUpperCase(Locale.ROOT) + " " + path;
        }
    }

    @BeforeAll
    static void read() throws IOException {
        try (InputStream text =
                Objects.requireNonNull(OpenApiTest.class.getClassLoader().getResourceAsStream(Routes.DOCUMENT))) {
            document = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
        }
    }

    @Test
    void shouldDescribeEveryRouteAndNoOther() {
        Set<String> routes = routes();
        Set<String> described = new TreeSet<>();
        for (Operation operation : operations()) {
            if (!NOT_RESOURCES.contains(operation.path()) && !isRegistry(operation.path())) {
                described.add(operation.toString());
            }
        }

        assertThat(routes).hasSizeGreaterThan(15);
        assertThat(described).isEqualTo(routes);
    }

    @Test
    void shouldDescribeTheRegistryWithEveryMethodItTakes() {
        assertThat(operations().stream()
                        .filter(operation -> isRegistry(operation.path()))
                        .map(Operation::method))
                .contains("get", "put", "post", "delete");
    }

    /** All of Penstock's JAX-RS methods but the internal ones; the registry's resource takes any path and is left to the test above. */
    private static Set<String> routes() {
        Set<String> routes = new TreeSet<>();
        for (JavaClass found : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.penstock")) {
            if (!found.isAnnotatedWith(Path.class) || found.isInterface()) {
                continue;
            }
            Class<?> resource = found.reflect();
            String root = resource.getAnnotation(Path.class).value();
            if (isRegistry(root) || root.startsWith("/internal")) {
                continue;
            }
            for (Method method : resource.getDeclaredMethods()) {
                for (Annotation annotation : method.getAnnotations()) {
                    HttpMethod verb = annotation.annotationType().getAnnotation(HttpMethod.class);
                    if (verb != null) {
                        Path below = method.getAnnotation(Path.class);
                        String path =
                                root + (below == null ? "" : "/" + below.value().replaceFirst("^/", ""));
                        routes.add(verb.value() + " " + path.replaceAll("\\{\\s*(\\w+)\\s*:[^}]*}", "{$1}"));
                    }
                }
            }
        }
        return routes;
    }

    private static String formOfErrors(String path) {
        if (path.startsWith("/v1/")) {
            return "application/json";
        }
        return isRegistry(path) ? "application/vnd.schemaregistry.v1+json" : "application/problem+json";
    }

    private static boolean isRegistry(String path) {
        return path.startsWith("/registry");
    }

    @Test
    void shouldSayOfEveryOperationWhatItDoesAndAnswers() {
        Set<String> ids = new HashSet<>();
        for (Operation operation : operations()) {
            Map<String, Object> description = operation.description();
            assertThat(description)
                    .as(operation.toString())
                    .containsKeys("summary", "operationId", "tags", "responses");
            assertThat(ids.add(String.valueOf(description.get("operationId"))))
                    .as(operation.toString())
                    .isTrue();
            Map<String, Object> responses = map(description, "responses");
            assertThat(responses.keySet()).as(operation.toString()).anyMatch(status -> status.startsWith("2"));
            boolean open = List.of().equals(description.get("security"));
            assertThat(responses.containsKey("401"))
                    .as(operation + " says what happens without the key")
                    .isEqualTo(!open);
            if (description.containsKey("requestBody")) {
                assertThat(responses).as(operation.toString()).containsKeys("400", "401", "413", "422");
            }
            responses.forEach((status, response) -> {
                if (!status.startsWith("2") && !operation.path().startsWith("/q/")) {
                    Map<String, Object> problem = resolved(asMap(response));
                    assertThat(map(problem, "content").keySet())
                            .as(operation + " " + status)
                            .containsExactly(formOfErrors(operation.path()));
                }
            });
        }
    }

    @Test
    void shouldGiveAnExampleOfEveryBody() {
        for (Operation operation : operations()) {
            map(map(operation.description(), "requestBody"), "content")
                    .forEach((type, content) -> assertThat(map(asMap(content), "examples"))
                            .as(operation + " takes " + type)
                            .isNotEmpty()
                            .allSatisfy((name, example) ->
                                    assertThat(asMap(example)).containsKeys("summary", "value")));
            map(operation.description(), "responses")
                    .forEach((status, response) -> map(resolved(asMap(response)), "content")
                            .forEach((type, content) -> {
                                if (type.endsWith("json")) {
                                    assertThat(asMap(content))
                                            .as(operation + " answers " + status)
                                            .containsKey("example");
                                }
                            }));
        }
    }

    @Test
    void shouldDescribeEveryParameterOfAPath() {
        for (Operation operation : operations()) {
            Set<String> described = new HashSet<>();
            for (Map<String, Object> holder :
                    List.of(map(map(document, "paths"), operation.path()), operation.description())) {
                for (Object parameter : (List<?>) holder.getOrDefault("parameters", List.of())) {
                    Map<String, Object> found = resolved(asMap(parameter));
                    assertThat(found).as(operation.toString()).containsKeys("name", "in", "description", "schema");
                    if ("path".equals(found.get("in"))) {
                        described.add("{" + found.get("name") + "}");
                    }
                }
            }
            assertThat(described)
                    .as(operation.toString())
                    .containsExactlyInAnyOrderElementsOf(java.util.regex.Pattern.compile("\\{[^}]*}")
                            .matcher(operation.path())
                            .results()
                            .map(java.util.regex.MatchResult::group)
                            .toList());
        }
    }

    @Test
    void shouldNameEveryErrorCode() {
        Object codes =
                map(map(map(document, "components"), "schemas"), "ErrorCode").get("enum");

        assertThat((List<?>) codes)
                .isEqualTo(
                        Arrays.stream(ErrorCode.values()).map(ErrorCode::code).toList());
    }

    @Test
    void shouldResolveEveryReference() {
        List<String> references = new ArrayList<>();
        collectReferences(document, references);

        assertThat(references)
                .hasSizeGreaterThan(50)
                .allSatisfy(reference -> assertThat(resolved(Map.of("$ref", reference)))
                        .as(reference)
                        .isNotEmpty());
    }

    private static void collectReferences(Object node, List<String> references) {
        if (node instanceof Map<?, ?> object) {
            object.forEach((key, value) -> {
                if ("$ref".equals(key)) {
                    references.add(String.valueOf(value));
                } else {
                    collectReferences(value, references);
                }
            });
        } else if (node instanceof List<?> list) {
            list.forEach(item -> collectReferences(item, references));
        }
    }

    private static List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        map(document, "paths")
                .forEach((path, methods) -> asMap(methods).forEach((method, description) -> {
                    if (METHODS.contains(method)) {
                        operations.add(new Operation(path, method, asMap(description)));
                    }
                }));
        return operations;
    }

    private static Map<String, Object> resolved(Map<String, Object> node) {
        if (!(node.get("$ref") instanceof String reference)) {
            return node;
        }
        Map<String, Object> found = document;
        for (String step : reference.substring(2).split("/", -1)) {
            found = map(found, step);
        }
        return found;
    }

    private static Map<String, Object> map(Map<String, Object> node, String field) {
        return asMap(node.getOrDefault(field, Map.of()));
    }

    @SuppressWarnings("unchecked") // as YAML is read
    private static Map<String, Object> asMap(Object node) {
        return node instanceof Map<?, ?> ? (Map<String, Object>) node : Map.of();
    }
}
