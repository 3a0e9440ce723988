using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// A recipe's data as a function: sample k of step s depends on seed, s and k alone, so that a resumed run, another number of
/// threads or of processes sees what one uninterrupted process would have seen. Safe for use by several threads at once.
/// </summary>
public sealed class TrainingData
{
    private const int MostCandidates = 64;

    private readonly PictureStore _store;
    private readonly (SampleSource Source, float UpTo, ulong Seed)[] _sources;
    private readonly ulong _seed;

    private TrainingData(PictureStore store, (SampleSource, float, ulong)[] sources, ulong seed) =>
        (_store, _sources, _seed) = (store, sources, seed);

    /// <summary>The sources; one that has a folder for each task counts as several.</summary>
    public IReadOnlyList<SampleSource> Sources => [.. _sources.Select(each => each.Source)];

    /// <summary>Pictures, or pairs, of all sources that are drawn from.</summary>
    public int Pictures => _sources.Where((each, i) => each.UpTo > (i == 0 ? 0 : _sources[i - 1].UpTo)).Sum(each => each.Source.Set.Entries.Count);

    /// <summary>Where pictures are kept, and what became of unusable ones.</summary>
    public PictureStore Store => _store;

    /// <summary>Finds the files; of each source one picture is read.</summary>
    /// <param name="recipe">The sources.</param>
    /// <param name="crop">Side of the crops.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="degradations">What photographs suffer from where a source says nothing; null for the built-in mixture.</param>
    /// <param name="decode">Reads one file; null for <see cref="PictureFile.Load(string, PictureLoadOptions?)"/>.</param>
    /// <exception cref="TrainingException">A source is missing, empty or unusable; the message names folder or key.</exception>
    public static TrainingData Open(
        DataRecipe recipe, int crop, ulong seed, DegradationOptions? degradations = null, Func<string, Picture>? decode = null)
    {
        if (recipe.Sources.Count == 0) throw new TrainingException("recipe: data: sources is empty; or give --data FOLDER");
        if (recipe.MemoryMegabytes < 0) throw new TrainingException("recipe: data: memory_megabytes must not be negative");
        var store = new PictureStore((long)recipe.MemoryMegabytes << 20, recipe.Cache, decode);
        var sources = new List<(SampleSource, float, ulong)>();
        float sum = 0;
        foreach (SourceRecipe each in recipe.Sources)
        {
            if (!(each.Weight >= 0 && float.IsFinite(each.Weight)))
                throw new TrainingException($"recipe: data: weight of {each.Path} must be 0 or more");
            IReadOnlyList<PictureSet> sets = PictureSets.Open(each);
            foreach (PictureSet set in sets)
            {
                var source = new SampleSource(set, store, Crop(each, set, crop), Sampler(each, set, degradations));
                if (each.Weight > 0) source.Check();
                sources.Add((source, sum += each.Weight / sets.Count, each.Seed));
            }
        }
        return sum > 0 ? new TrainingData(store, [.. sources], seed)
            : throw new TrainingException("recipe: data: no source has a weight above 0");
    }

    /// <summary>Makes one sample of a step.</summary>
    public DegradedSample Sample(long step, int k)
    {
        Xoshiro256 random = new(Xoshiro256.Mix(_seed, (ulong)step, (ulong)k));
        (SampleSource source, ulong seed) = Draw(random);
        return source.Sample(seed == 0 ? random : new Xoshiro256(Xoshiro256.Mix(seed, random.NextBits())));
    }

    /// <summary>Makes some samples of a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="first">Number of the first sample.</param>
    /// <param name="count">How many, at least 1.</param>
    public TrainingBatch Make(long step, int first, int count) =>
        new([.. Enumerable.Range(first, count).Select(k => Sample(step, k))]);

    /// <summary>Makes a part of a step's batch.</summary>
    public TrainingBatch MakePart(long step, BatchPart part) => Make(step, part.First, part.Count);

    /// <summary>Cuts a clean crop of some source, for stages that don't look at degradations.</summary>
    public PlanarImage Clean(Xoshiro256 random) => Draw(random).Source.Clean(random);

    /// <summary>What was found, a line a source.</summary>
    public IEnumerable<string> Describe() => _sources.Select((each, i) =>
    {
        float share = (each.UpTo - (i == 0 ? 0 : _sources[i - 1].UpTo)) / _sources[^1].UpTo;
        string what = each.Source.Set.IsPaired ? $"pairs, {each.Source.Set.Kind!.Value.Word()}"
            : each.Source.Set.Kind is { } kind ? $"photographs, {kind.Word()}" : "photographs";
        return FormattableString.Invariant($"{each.Source.Set.Name}: {each.Source.Set.Entries.Count} {what}, {share:P0} of the samples");
    });

    /// <summary>What could not be used so far, in one line; null if all could.</summary>
    public string? Problems()
    {
        IReadOnlyList<(string Path, string Reason)> skipped = _store.Skipped;
        string? files = skipped.Count == 0 ? null : $"{skipped.Count} file{(skipped.Count == 1 ? "" : "s")} skipped, the first: {skipped[0].Reason}";
        string? cache = _store.CacheError is null ? null : $"the cache of decoded pictures takes no more: {_store.CacheError}";
        return files is null ? cache : cache is null ? files : $"{files}; {cache}";
    }

    private (SampleSource Source, ulong Seed) Draw(Xoshiro256 random)
    {
        float at = random.NextFloat() * _sources[^1].UpTo;
        // Rounding may put the draw at the very end: the last source with a weight has it.
        int index = Array.FindIndex(_sources, each => at < each.UpTo);
        if (index < 0) index = Array.FindIndex(_sources, each => each.UpTo == _sources[^1].UpTo);
        return (_sources[index].Source, _sources[index].Seed);
    }

    private static CropOptions Crop(SourceRecipe source, PictureSet set, int size)
    {
        Interval scale = source.Scale ?? (set.IsPaired ? new Interval(1f, 1f) : new CropOptions().Scale);
        if (!(scale.Min > 0f && scale.Min <= scale.Max && scale.Max <= 4f))
            throw new TrainingException($"recipe: data: scale of {source.Path} must lie above 0 and not above 4, the smaller end first");
        if (source.Jitter is not null && set.IsPaired)
            throw new TrainingException($"recipe: data: jitter is for photographs, and {source.Path} holds pairs");
        if (source.Jitter?.Problem() is { } problem)
            throw new TrainingException($"recipe: data: jitter of {source.Path}: {problem}");
        if (!(source.Drawn is >= 0f and <= 1f)) throw new TrainingException($"recipe: data: drawn of {source.Path} must lie within 0 and 1");
        if (source.Drawn > 0 && set.IsPaired)
            throw new TrainingException($"recipe: data: drawn is for photographs, and {source.Path} holds pairs");
        if (source.EvenestOf is < 1 or > MostCandidates)
            throw new TrainingException($"recipe: data: evenest_of of {source.Path} must lie within 1 and {MostCandidates}");
        if (source.EvenestOf > 1 && set.IsPaired)
            throw new TrainingException($"recipe: data: evenest_of is for photographs, and {source.Path} holds pairs");
        return new CropOptions
        {
            Size = size,
            Scale = scale,
            Jitter = source.Jitter,
            DrawnChance = source.Drawn,
            EvenestOf = source.EvenestOf,
            Flip = source.Flip,
            Rotate = source.Rotate,
        };
    }

    private static DegradationSampler Sampler(SourceRecipe source, PictureSet set, DegradationOptions? degradations)
    {
        try
        {
            return new DegradationSampler(source.Degradations ?? set.Degradations ?? degradations);
        }
        catch (ArgumentException error)
        {
            throw new TrainingException($"recipe: data: degradations of {source.Path}: {error.Message}", error);
        }
    }
}
