package io.penstock.registry;

import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;

/** Finds schemas under their subjects, and adds them as new versions. */
final class Registration {
    private final RegistryState state;
    private final SchemaLog log;
    private final SchemaResolver resolver;

    Registration(RegistryState state, SchemaLog log, SchemaResolver resolver) {
        this.state = state;
        this.log = log;
        this.resolver = resolver;
    }

    /** Finds a schema under its subject, or adds it as the next version if mode and level allow. */
    SchemaVersion register(String subject, SchemaRequest request, boolean normalize) {
        SubjectNames.requireValid(subject);
        boolean normal = normalize || state.normalizes(subject);
        Optional<SchemaVersion> known = known(subject, request, normal);
        if (known.isPresent()) {
            return known.get();
        }
        return log.update(() -> known(subject, request, normal)
                .map(version -> new SchemaLog.Update<>(List.<SchemaRecords.Entry>of(), version))
                .orElseGet(() -> add(subject, request, normal)));
    }

    /** The newest version of a subject that is this schema. */
    Optional<SchemaVersion> find(String subject, ParsedSchema wanted, boolean normalize, VersionFilter filter) {
        List<SchemaVersion> newestFirst = state.versions(subject, filter).reversed();
        Optional<SchemaVersion> same = newestFirst.stream()
                .filter(version -> isSameBesideText(version.content(), wanted.content())
                        && version.schema().equals(wanted.content().text()))
                .findFirst();
        return same.isPresent()
                ? same
                : newestFirst.stream()
                        .filter(version -> isSameBesideText(version.content(), wanted.content())
                                && isSameText(version.content(), wanted.content(), normalize))
                        .findFirst();
    }

    private Optional<SchemaVersion> known(String subject, SchemaRequest request, boolean normalize) {
        Optional<SchemaVersion> known = find(subject, resolver.parse(request.content()), normalize, VersionFilter.LIVE);
        known.ifPresent(version -> {
            if (request.isImport() && version.id() != request.id()) {
                throw new RegistryException(
                        RegistryException.ID_DOES_NOT_MATCH,
                        "Schema already registered with id " + version.id() + " instead of input id " + request.id());
            }
        });
        return known;
    }

    private SchemaLog.Update<SchemaVersion> add(String subject, SchemaRequest request, boolean normalize) {
        requireMode(subject, request);
        ParsedSchema proposed = resolver.parse(request.content());
        SchemaContent content = normalize
                ? proposed.content()
                        .withText(SchemaText.normalized(proposed.content().text()))
                : proposed.content();
        SchemaVersion version = request.isImport()
                ? imported(subject, request, content)
                : next(subject, request, proposed.schema(), content);
        return new SchemaLog.Update<>(List.of(SchemaRecords.version(version)), version);
    }

    private void requireMode(String subject, SchemaRequest request) {
        RegistryMode mode = state.modeFor(subject);
        if (mode.isReadOnly()) {
            throw RegistryException.notPermitted("Subject " + subject + " is in read-only mode");
        }
        if (request.isImport() && mode != RegistryMode.IMPORT) {
            throw RegistryException.notPermitted(
                    "Subject " + subject + " is not in import mode; leave the id out, or set the mode IMPORT first");
        }
        if (!request.isImport() && mode != RegistryMode.READWRITE) {
            throw RegistryException.notPermitted("Subject " + subject + " is not in read-write mode");
        }
    }

    private SchemaVersion imported(String subject, SchemaRequest request, SchemaContent content) {
        state.schema(request.id()).filter(kept -> !kept.equals(content)).ifPresent(other -> {
            throw RegistryException.notPermitted("Overwrite new schema with id " + request.id() + " is not permitted.");
        });
        int number = request.version() > 0 ? request.version() : state.nextVersion(subject);
        state.version(subject, number, VersionFilter.LIVE).ifPresent(taken -> {
            throw RegistryException.notPermitted(
                    "Version " + number + " of subject " + subject + " is another schema already.");
        });
        return new SchemaVersion(subject, number, request.id(), content, false);
    }

    private SchemaVersion next(String subject, SchemaRequest request, Schema proposed, SchemaContent content) {
        int number = state.nextVersion(subject);
        if (request.version() > 0 && request.version() != number) {
            throw RegistryException.invalidSchema(
                    "Version is not one more than previous version: it is " + request.version() + ", not " + number);
        }
        CompatibilityLevel level = state.levelFor(subject);
        List<String> problems =
                Compatibility.problems(level, proposed, state.versions(subject, VersionFilter.LIVE), resolver);
        if (!problems.isEmpty()) {
            throw new RegistryException(
                    RegistryException.INCOMPATIBLE,
                    "Schema being registered is incompatible with an earlier schema for subject \"" + subject
                            + "\" (compatibility " + level + "): " + String.join(" ", problems));
        }
        return new SchemaVersion(subject, number, state.idFor(content), content, false);
    }

    /** A caller who says nothing of metadata and rules means the schema whatever it has of those. */
    private static boolean isSameBesideText(SchemaContent kept, SchemaContent wanted) {
        return kept.isAvro()
                && kept.references().equals(wanted.references())
                && (wanted.metadata() == null || wanted.metadata().equals(kept.metadata()))
                && (wanted.ruleSet() == null || wanted.ruleSet().equals(kept.ruleSet()));
    }

    private boolean isSameText(SchemaContent kept, SchemaContent wanted, boolean normalize) {
        String text;
        try {
            text = resolver.canonicalText(kept);
        } catch (RegistryException e) {
            return false; // what cannot be read is no schema that reads like the wanted one
        }
        return text.equals(wanted.text())
                || (normalize && SchemaText.normalized(text).equals(SchemaText.normalized(wanted.text())));
    }
}
