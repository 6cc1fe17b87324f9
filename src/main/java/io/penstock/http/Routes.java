package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Which methods a path takes, as the OpenAPI document has them; a test holds that document against the resources. */
final class Routes {
    static final String DOCUMENT = "META-INF/openapi.yaml";
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete");

    private final List<Route> routes;

    private record Route(Pattern path, Set<String> methods) {}

    private Routes(List<Route> routes) {
        this.routes = routes;
    }

    static Routes ofDocument() {
        ClassLoader loader = Objects.requireNonNull(Routes.class.getClassLoader());
        try (InputStream bytes = Objects.requireNonNull(loader.getResourceAsStream(DOCUMENT), DOCUMENT);
                Reader text = new InputStreamReader(bytes, UTF_8)) {
            Map<String, Map<String, Map<String, Object>>> document =
                    new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
            return of(Objects.requireNonNull(document.get("paths")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param paths templates, and their methods in lower case */
    static Routes of(Map<String, Map<String, Object>> paths) {
        List<Route> routes = new ArrayList<>();
        paths.forEach((path, operations) -> {
            Set<String> methods = new TreeSet<>();
            for (String name : operations.keySet()) {
                if (METHODS.contains(name)) {
                    methods.add(name.toUpperCase(Locale.ROOT));
                }
            }
            if (methods.contains("GET")) {
                methods.add("HEAD");
            }
            routes.add(new Route(pattern(path, operations), methods));
        });
        return new Routes(routes);
    }

    /** {@code x-rest-of-path} marks a template whose last parameter may contain slashes. */
    private static Pattern pattern(String template, Map<String, Object> operations) {
        StringBuilder pattern = new StringBuilder();
        String[] parts = template.split("\\{[^}]*}", -1);
        for (int i = 0; i < parts.length; i++) {
            if (i > 0) {
                boolean last = i == parts.length - 1;
                pattern.append(last && Boolean.TRUE.equals(operations.get("x-rest-of-path")) ? ".+" : "[^/]+");
            }
            pattern.append(Pattern.quote(parts[i]));
        }
        return Pattern.compile(pattern.toString());
    }

    /** For the header {@code Allow}; empty when the path is not in the document. */
    Set<String> methods(String path) {
        Set<String> methods = new TreeSet<>();
        for (Route route : routes) {
            if (route.path().matcher(path).matches()) {
                methods.addAll(route.methods());
            }
        }
        return methods;
    }
}
