package io.github.psft4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The rules about the packages of psft-core. */
@AnalyzeClasses(packages = "io.github.psft4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    /** Package to the packages it may use. A new package gets its line here first. */
    private static final Map<String, List<String>> ARROWS = Map.ofEntries(
            entry("io", List.of()),
            entry("settings", List.of()),
            entry("flight", List.of()),
            entry("kernel", List.of("io")),
            entry("loss", List.of("settings", "io", "kernel")),
            entry("policy", List.of("data", "model", "transformer", "loss", "settings", "kernel")),
            entry("transformer", List.of("loss", "settings", "kernel")),
            entry("jinja", List.of()),
            entry("hf", List.of("jinja", "transformer", "kernel", "io")),
            entry("model", List.of("hf", "transformer", "loss", "kernel", "io")),
            entry("dl4jzip", List.of("hf", "model", "transformer", "kernel", "io")),
            entry("data", List.of("model", "hf", "loss", "settings", "kernel", "io")),
            entry(
                    "train",
                    List.of(
                            "flight",
                            "data",
                            "model",
                            "hf",
                            "transformer",
                            "policy",
                            "loss",
                            "settings",
                            "kernel",
                            "io")),
            entry(
                    "monitor",
                    List.of(
                            "rollout",
                            "reward",
                            "train",
                            "eval",
                            "policy",
                            "model",
                            "hf",
                            "data",
                            "transformer",
                            "loss",
                            "io")),
            entry("reward", List.of("eval", "settings", "io")),
            entry(
                    "rollout",
                    List.of(
                            "flight",
                            "train",
                            "reward",
                            "data",
                            "model",
                            "hf",
                            "transformer",
                            "loss",
                            "settings",
                            "kernel",
                            "io")),
            entry("eval", List.of("policy", "data", "model", "hf", "transformer", "loss", "settings", "kernel", "io")));

    @ArchTest
    static final ArchRule arrowsPointOneWay = layers();

    @ArchTest
    static final ArchRule packagesFormNoCycle =
            slices().matching("io.github.psft4j.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule jinjaPartsDoNotSeeTheTemplate = noClasses()
            .that()
            .resideInAPackage("io.github.psft4j.jinja.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.github.psft4j.jinja");

    @ArchTest
    static final ArchRule onlyChatTemplatesUseJinja = noClasses()
            .that()
            .resideOutsideOfPackages("io.github.psft4j.jinja..", "io.github.psft4j.hf.text")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.github.psft4j.jinja..");

    /** The packages below are public for the compiler's sake only. */
    @ArchTest
    static final ArchRule onlyJinjaSeesItsParts = noClasses()
            .that()
            .resideOutsideOfPackage("io.github.psft4j.jinja..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.github.psft4j.jinja.*..");

    @ArchTest
    static final ArchRule jinjaShowsThreeTypes = classes()
            .that()
            .resideInAPackage("io.github.psft4j.jinja")
            .and()
            .arePublic()
            .and()
            .areTopLevelClasses()
            .should()
            .haveNameMatching(".*\\.(Template|TemplateException|Limits)");

    /** The mathematics outlives the network classes: the next release of DL4J replaces them. */
    @ArchTest
    static final ArchRule lossAndKernelKnowNoNetworkClass = noClasses()
            .that()
            .resideInAnyPackage("io.github.psft4j.loss..", "io.github.psft4j.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j..")
            .allowEmptyShould(true);

    /** Callers see the families of operations, so that another jar may bring a form. */
    @ArchTest
    static final ArchRule onlyTheChoiceSeesTheFormsOfTheKernels = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.github.psft4j.kernel.choose..",
                    "io.github.psft4j.kernel.cpu..",
                    "io.github.psft4j.kernel.nd4j..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.github.psft4j.kernel.cpu..", "io.github.psft4j.kernel.nd4j..")
            .allowEmptyShould(true);

    /** But for progress in a program that has no logger, which would see nothing of its run. */
    @ArchTest
    static final ArchRule libraryDoesNotPrint = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.github.psft4j.monitor.ProgressListener")
            .should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule libraryLogsThroughSlf4j = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.allowEmptyShould(true);

    /** On the sources, because javac writes no class file for a package-info without annotations. */
    @ArchTest
    static void everyPackageIsDescribed(JavaClasses classes) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            List<Path> undescribed = files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
                    .toList();
            assertEquals(List.of(), undescribed, "packages without package-info.java");
        }
    }

    private static ArchRule layers() {
        LayeredArchitecture layers = layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .ensureAllClassesAreContainedInArchitecture();
        for (String name : ARROWS.keySet()) {
            layers = layers.layer(name).definedBy("io.github.psft4j." + name + "..");
        }
        for (Map.Entry<String, List<String>> arrow : ARROWS.entrySet()) {
            layers = arrow.getValue().isEmpty()
                    ? layers.whereLayer(arrow.getKey()).mayNotAccessAnyLayer()
                    : layers.whereLayer(arrow.getKey())
                            .mayOnlyAccessLayers(arrow.getValue().toArray(String[]::new));
        }
        return layers;
    }
}
