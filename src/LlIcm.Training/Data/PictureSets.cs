using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>Finds the pictures of a folder by the layout that its data set is published in.</summary>
public static class PictureSets
{
    // As the paper's table counts CelebA-HQ, which has no split of its own.
    private const int FacesForTests = 100;

    private static readonly (string Input, string Target)[] s_plain = [("input", "target"), ("LQ", "GT")];

    private static readonly Dictionary<SourceKind, PairLayout> s_pairs = new()
    {
        // The first release has both in one folder or the clean ones above the rainy ones, the second one folder each.
        [SourceKind.Rain100H] = new(
            Degradation.Rainy, ["RainTrainH", "rain_data_train_Heavy", "rain_heavy_train", "train"],
            ["Rain100H", "rain_data_test_Heavy", "rain_heavy_test", "test"],
            [("rain/X2", "norain"), ("rain", "norain"), ("rainy", "norain"), ("rainy", "."), (".", "."), .. s_plain],
            Strip(["norain-", "rain-", "norain", "rain"], ["x2"])),
        [SourceKind.Reside6K] = new(
            Degradation.Hazy, ["train"], ["test"], [("hazy", "GT"), ("hazy", "clear"), .. s_plain], Strip([], [])),
        [SourceKind.Srd] = new(
            Degradation.Shadowed, ["train", "SRD_Train", "SRD/Train"], ["test", "SRD_Test", "SRD/Test"],
            [("shadow", "shadow_free"), ("train_A", "train_C"), ("test_A", "test_C"), .. s_plain],
            Strip([], ["_no_shadow", "_shadow_free", "_free_shadow", "_noshadow", "_free", "_no", "_shadow"])),
        [SourceKind.Raindrop] = new(
            Degradation.Raindrop, ["train"], ["test_a", "test"], [("data", "gt"), .. s_plain], Strip([], ["_rain", "_clean"])),
        [SourceKind.Lol] = new(
            Degradation.LowLight, ["our485", "train"], ["eval15", "test"], [("low", "high"), .. s_plain], Strip([], [])),
    };

    private static readonly Dictionary<SourceKind, (string[] Train, string[] Test)> s_photos = new()
    {
        [SourceKind.CelebAHq] = (["train", "celeba_hq/train"], ["val", "test", "celeba_hq/val"]),
        [SourceKind.Div2K] = (["DIV2K_train_HR", "DIV2K/DIV2K_train_HR"], ["DIV2K_valid_HR", "DIV2K/DIV2K_valid_HR"]),
        [SourceKind.Flickr2K] = (["Flickr2K_HR", "Flickr2K/Flickr2K_HR"], []),
        [SourceKind.Cbsd68] = ([], ["original_png", "CBSD68/original_png", "original", "CBSD68/original"]),
        [SourceKind.Coco2017] = (["train2017", "images/train2017"], ["val2017", "images/val2017"]),
        [SourceKind.ImageNet] = (["ILSVRC/Data/CLS-LOC/train", "train"], ["ILSVRC/Data/CLS-LOC/val", "val"]),
    };

    /// <summary>What the denoising sets are degraded by in the paper.</summary>
    public static DegradationOptions GaussianNoise50 { get; } = new()
    {
        Weights = new() { [Degradation.Noisy] = 1f },
        Noise = new NoiseOptions { GaussianChance = 1f, Sigma = new Interval(50f, 50f) },
        FileLossChance = 0f,
    };

    /// <summary>Whether a folder, or one in it, holds <c>input/</c> and <c>target/</c>.</summary>
    public static bool HoldsPairs(string folder) => Directory.Exists(folder)
        && Directory.GetDirectories(folder).Prepend(folder).Any(each => Child(each, "input") is not null && Child(each, "target") is not null);

    /// <summary>Whether photographs lie in folders for training and tests.</summary>
    internal static bool HasSplit(SourceRecipe source) =>
        s_photos.TryGetValue(source.Kind, out (string[] Train, string[] Test) parts)
        && First(source.Path, parts.Train.Concat(parts.Test)) is not null;

    /// <summary>Lists a source; several sets where it has a folder for each task.</summary>
    /// <exception cref="TrainingException">
    /// The folder is missing, empty or laid out otherwise, or an input has no target; the message names it.
    /// </exception>
    public static IReadOnlyList<PictureSet> Open(SourceRecipe source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Path.Length == 0) throw new TrainingException("recipe: data: a source has no path");
        if (!Directory.Exists(source.Path)) throw new TrainingException($"{source.Path}: there is no such folder");
        Degradation? task = source.Task is null ? null : Task(source.Task);
        IReadOnlyList<string> masks = source.Masks is null ? [] : Masks(source.Masks);
        if (source.HeldOutOf < 0) throw new TrainingException($"recipe: data: held_out_of of {source.Path} must not be negative");
        bool heldOut = source.Split == DataSplit.Test;
        if (source.AsTheyAre && (task is null || source.Kind != SourceKind.Photos || source.Transfer is not null))
            throw new TrainingException($"recipe: data: as_they_are of {source.Path} needs kind: photos and a task, and no transfer");
        if (source.Transfer is not null && source.Kind != SourceKind.Photos)
            throw new TrainingException($"recipe: data: transfer of {source.Path} needs kind: photos");
        return source.Kind switch
        {
            SourceKind.Photos when source.Transfer is not null =>
                [Photos(source.Path, source.Path, task, masks, null) with { Transfer = Transferred(source, task) }],
            SourceKind.Photos => [(Photos(source.Path, source.Path, task, masks, null) with { AsTheyAre = source.AsTheyAre }).Split(source.HeldOutOf, heldOut)],
            SourceKind.Pairs => [.. Pairs(source.Path, task).Select(set => set.Split(source.HeldOutOf, heldOut))],
            SourceKind.CelebAHq => [Faces(source, masks)],
            SourceKind.Cbsd68 when Noisy50(source.Path) is { } set => [set],
            SourceKind.Div2K or SourceKind.Flickr2K or SourceKind.Cbsd68 => [Photos(source, GaussianNoise50)],
            SourceKind.Coco2017 or SourceKind.ImageNet => [Photos(source, null) with { Kind = task, Masks = masks }],
            _ => [Published(source)],
        };
    }

    private static PictureSet? Transferred(SourceRecipe source, Degradation? task)
    {
        if (source.Transfer is null) return null;
        if (task is not { } kind || !Degradations.Transfer.Supports(kind))
            throw new TrainingException($"recipe: data: transfer of {source.Path} needs task: derain or deshadow");
        if (!Directory.Exists(source.Transfer)) throw new TrainingException($"{source.Transfer}: there is no such folder");
        // Always the pairs that are not held out.
        return Pairs(source.Transfer, kind)[0].Split(source.HeldOutOf, heldOut: false);
    }

    private static Degradation Task(string name)
    {
        try
        {
            return DegradationNames.Parse(name);
        }
        catch (FormatException error)
        {
            throw new TrainingException($"recipe: data: task: {error.Message}", error);
        }
    }

    private static PictureSet Photos(
        string name, string folder, Degradation? kind, IReadOnlyList<string> masks, DegradationOptions? degradations)
    {
        PictureEntry[] entries = [.. Files(folder, SearchOption.AllDirectories).Select(path => new PictureEntry(path))];
        if (entries.Length == 0) throw new TrainingException($"{folder}: no pictures");
        return new PictureSet(name, entries, kind, masks, degradations);
    }

    private static PictureSet Photos(SourceRecipe source, DegradationOptions? degradations)
    {
        (string[] train, string[] test) = s_photos[source.Kind];
        string[] wanted = source.Split == DataSplit.Train ? train : test, other = source.Split == DataSplit.Train ? test : train;
        string? folder = First(source.Path, wanted);
        // The folder itself may be meant; not where the other part lies in it.
        if (folder is null && First(source.Path, other) is { } sibling)
        {
            // The 68 are one set, whatever part is asked for.
            if (source.Kind != SourceKind.Cbsd68) throw Missing(source, wanted);
            folder = sibling;
        }
        folder ??= source.Path;
        return Photos(source.Path, folder, null, [], degradations);
    }

    private static PictureSet Faces(SourceRecipe source, IReadOnlyList<string> masks)
    {
        PictureSet faces = Photos(source, null) with { Kind = Degradation.Uncompleted, Masks = masks };
        if (HasSplit(source)) return faces;
        IEnumerable<PictureEntry> part = source.Split == DataSplit.Test
            ? faces.Entries.Take(FacesForTests) : faces.Entries.Skip(FacesForTests);
        faces = faces with { Entries = [.. part] };
        return faces.Entries.Count > 0 ? faces : throw new TrainingException(
            $"{source.Path}: the first {FacesForTests} pictures are the test part, and there are no others (kind: photos takes all)");
    }

    private static PictureSet? Noisy50(string root)
    {
        string? inputs = First(root, ["noisy50", "CBSD68/noisy50"]);
        string? targets = First(root, s_photos[SourceKind.Cbsd68].Test);
        return inputs is null || targets is null ? null
            : Match(root, inputs, targets, Degradation.Noisy, Strip([], []));
    }

    private static IReadOnlyList<PictureSet> Pairs(string root, Degradation? task)
    {
        if (Child(root, "input") is not null)
            return [Triples(root, task ?? Task(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)))))];
        string[] folders = [.. Directory.GetDirectories(root).Where(each => Child(each, "input") is not null).Order(StringComparer.Ordinal)];
        if (folders.Length == 0) throw new TrainingException($"{root}: holds neither input/ and target/ nor folders that do");
        return [.. folders.Select(each => Triples(each, Task(Path.GetFileName(each)))).Where(set => task is null || set.Kind == task)];
    }

    private static PictureSet Triples(string root, Degradation kind)
    {
        string inputs = Child(root, "input")!;
        string targets = Child(root, "target") ?? throw new TrainingException($"{Path.Combine(root, "target")}: there is no such folder");
        PictureSet set = Match(root, inputs, targets, kind, Strip([], []));
        if (Child(root, "mask") is not { } masks) return set;
        Dictionary<string, string> byName = ByKey(masks, name => name, _ => true);
        return set with
        {
            Entries = [.. set.Entries.Select(each => each with
            {
                Mask = byName.GetValueOrDefault(Path.GetFileNameWithoutExtension(each.Input!))
                    ?? throw new TrainingException($"{each.Input}: no picture of that name in {masks}"),
            })],
        };
    }

    private static PictureSet Published(SourceRecipe source)
    {
        PairLayout layout = s_pairs[source.Kind];
        string[] wanted = source.Split == DataSplit.Train ? layout.Train : layout.Test;
        string[] other = source.Split == DataSplit.Train ? layout.Test : layout.Train;
        // The part itself may be given; not where its siblings show that it is the whole.
        bool whole = wanted.Concat(other).Any(each => Child(source.Path, each) is not null);
        IEnumerable<string> roots = wanted.Select(each => Child(source.Path, each)).OfType<string>();
        foreach (string root in whole ? roots : [source.Path])
        {
            foreach ((string input, string target) in layout.Folders)
            {
                if (Child(root, input) is not { } inputs || Child(root, target) is not { } targets) continue;
                // One folder for both: only the names tell.
                if (target == "." && !Files(root, SearchOption.TopDirectoryOnly).Any(IsClean)) continue;
                return Match(source.Path, inputs, targets, layout.Kind, layout.Key, input == ".", target == ".");
            }
        }
        throw Missing(source, whole ? wanted : [.. layout.Folders.Select(each => $"{each.Input} + {each.Target}")]);
    }

    private static bool IsClean(string path) => Path.GetFileName(path).StartsWith("norain", StringComparison.OrdinalIgnoreCase);

    private static PictureSet Match(
        string name, string inputs, string targets, Degradation kind, Func<string, string> key,
        bool inputsMixed = false, bool targetsMixed = false)
    {
        Dictionary<string, string> clean = ByKey(targets, key, path => !targetsMixed || IsClean(path));
        var entries = new List<PictureEntry>();
        foreach (string input in Files(inputs, SearchOption.TopDirectoryOnly))
        {
            if (inputsMixed && IsClean(input)) continue;
            string own = key(Path.GetFileNameWithoutExtension(input));
            // Hazy pictures of one scene are SCENE_NUMBER_STRENGTH.
            string? target = clean.GetValueOrDefault(own) ?? clean.GetValueOrDefault(own.Split('_')[0]);
            entries.Add(new PictureEntry(
                target ?? throw new TrainingException($"{input}: no picture of that name in {targets}"), input));
        }
        if (entries.Count == 0) throw new TrainingException($"{inputs}: no pictures");
        return new PictureSet(name, entries, kind, [], null);
    }

    private static Dictionary<string, string> ByKey(string folder, Func<string, string> key, Func<string, bool> which)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Files(folder, SearchOption.TopDirectoryOnly).Where(which))
            found[key(Path.GetFileNameWithoutExtension(path))] = path;
        return found;
    }

    private static IReadOnlyList<string> Masks(string folder)
    {
        if (!Directory.Exists(folder)) throw new TrainingException($"{folder}: there is no such folder");
        string[] files = [.. Files(folder, SearchOption.AllDirectories)];
        return files.Length > 0 ? files : throw new TrainingException($"{folder}: no pictures");
    }

    private static IEnumerable<string> Files(string folder, SearchOption depth) =>
        Directory.EnumerateFiles(folder, "*", depth)
            .Where(path => PictureFile.ReadableExtensions.Contains(Path.GetExtension(path).ToLowerInvariant()) && PictureFile.IsRegular(path))
            .Order(StringComparer.Ordinal);

    private static string? First(string root, IEnumerable<string> names) =>
        names.Select(name => Child(root, name)).FirstOrDefault(each => each is not null);

    // Unpacked archives differ in upper and lower case.
    private static string? Child(string root, string name)
    {
        if (name == ".") return root;
        foreach (string part in name.Split('/'))
        {
            string? next = Directory.GetDirectories(root)
                .FirstOrDefault(each => Path.GetFileName(each).Equals(part, StringComparison.OrdinalIgnoreCase));
            if (next is null) return null;
            root = next;
        }
        return root;
    }

    private static TrainingException Missing(SourceRecipe source, IEnumerable<string> wanted) => new(
        $"{source.Path}: no {(source.Split == DataSplit.Train ? "training" : "test")} part of {source.Kind}"
        + (wanted.Any() ? $": looked for {string.Join(", ", wanted)}" : ", which has none"));

    private static Func<string, string> Strip(string[] prefixes, string[] suffixes) => name =>
    {
        if (prefixes.FirstOrDefault(each => name.StartsWith(each, StringComparison.OrdinalIgnoreCase)) is { } prefix)
            name = name[prefix.Length..];
        if (suffixes.FirstOrDefault(each => name.EndsWith(each, StringComparison.OrdinalIgnoreCase)) is { } suffix)
            name = name[..^suffix.Length];
        return name;
    };

    private sealed record PairLayout(
        Degradation Kind, string[] Train, string[] Test, (string Input, string Target)[] Folders, Func<string, string> Key);
}
