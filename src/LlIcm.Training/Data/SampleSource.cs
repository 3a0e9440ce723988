using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// Samples of one set of pictures: each file equally often, unusable ones replaced by the next. A sample is a function of the
/// generator's state alone. Safe for use by several threads at once.
/// </summary>
public sealed class SampleSource
{
    private readonly PictureStore _store;
    private readonly CropOptions _crop;
    private readonly DegradationSampler _sampler;

    /// <summary>Makes a source.</summary>
    /// <param name="set">The files.</param>
    /// <param name="store">Reads them.</param>
    /// <param name="crop">How crops are cut.</param>
    /// <param name="sampler">What degrades photographs; without effect on pairs.</param>
    public SampleSource(PictureSet set, PictureStore store, CropOptions crop, DegradationSampler sampler) =>
        (Set, _store, _crop, _sampler) = (set, store, crop, sampler);

    /// <summary>The files.</summary>
    public PictureSet Set { get; }

    /// <summary>What photographs are degraded by; without effect on pairs.</summary>
    public DegradationSampler Sampler => _sampler;

    /// <summary>Makes a sample.</summary>
    /// <exception cref="TrainingException">No file of the set is usable; the message says why the first is not.</exception>
    public DegradedSample Sample(Xoshiro256 random) =>
        Find(random, entry => entry.Input is null ? Degrade(entry, random) : Pair(entry, random));

    /// <summary>Cuts a clean crop.</summary>
    /// <exception cref="TrainingException">No file of the set is usable; the message says why the first is not.</exception>
    public PlanarImage Clean(Xoshiro256 random) => Find(random, entry => Cut(entry, random));

    /// <summary>Whether some file is usable, which is found out by reading until one is.</summary>
    /// <exception cref="TrainingException">None is.</exception>
    public void Check() => Sample(new Xoshiro256(0));

    private T Find<T>(Xoshiro256 random, Func<PictureEntry, T?> make) where T : class
    {
        int start = random.NextInt(Set.Entries.Count);
        for (int i = 0; i < Set.Entries.Count; i++)
            if (make(Set.Entries[(start + i) % Set.Entries.Count]) is { } made) return made;
        (_, string reason) = _store.Skipped.FirstOrDefault(
            each => Set.Entries.Any(entry => entry.Target == each.Path || entry.Input == each.Path || entry.Mask == each.Path));
        throw new TrainingException($"{Set.Name}: no usable picture of {Set.Entries.Count}; the first: {reason}");
    }

    private PlanarImage? Cut(PictureEntry entry, Xoshiro256 random)
    {
        if (Read(entry.Target) is not { } photo) return null;
        if (_crop.DrawnChance > 0 && random.Chance(_crop.DrawnChance)) return DrawnPicture.Draw(_crop.Size, random);
        PlanarImage crop = CropWindow.Draw(photo.Width, photo.Height, _crop, random).Cut(photo, _crop.Size);
        for (int i = 1; i < _crop.EvenestOf; i++)
        {
            if (Read(Set.Entries[random.NextInt(Set.Entries.Count)].Target) is not { } other) continue;
            PlanarImage candidate = CropWindow.Draw(other.Width, other.Height, _crop, random).Cut(other, _crop.Size);
            if (Evenness.Of(candidate) > Evenness.Of(crop)) crop = candidate;
        }
        _crop.Jitter?.Apply(crop, random);
        return crop;
    }

    private DegradedSample? Degrade(PictureEntry entry, Xoshiro256 random)
    {
        if (Cut(entry, random) is not { } clean) return null;
        if (Set.AsTheyAre) return new DegradedSample(clean.Clone(), clean, Set.Kind!.Value);
        if (Set.Transfer is { } pairs) return Lay(clean, pairs, random);
        if (Set.Masks.Count > 0 && (Set.Kind ?? Degradation.Uncompleted) == Degradation.Uncompleted)
            return Punch(clean, random);
        return Set.Kind is { } kind ? _sampler.Sample(clean, kind, random) : _sampler.Sample(clean, random);
    }

    private DegradedSample? Lay(PlanarImage clean, PictureSet pairs, Xoshiro256 random)
    {
        int start = random.NextInt(pairs.Entries.Count);
        for (int i = 0; i < pairs.Entries.Count; i++)
        {
            PictureEntry entry = pairs.Entries[(start + i) % pairs.Entries.Count];
            if (Read(entry.Target) is not { } target || Read(entry.Input!) is not { } input) continue;
            if (input.Width != target.Width || input.Height != target.Height) continue;
            // As large as it is: streaks have the size they have.
            CropWindow window = CropWindow.Draw(target.Width, target.Height, _crop with { UnscaledChance = 0.7f }, random);
            return _sampler.ThroughFile(Transfer.Lay(clean, window.Cut(input, _crop.Size), window.Cut(target, _crop.Size), Set.Kind!.Value, random), random);
        }
        throw new TrainingException($"{Set.Name}: none of the {pairs.Entries.Count} pairs of {pairs.Name} is usable");
    }

    private DegradedSample Punch(PlanarImage clean, Xoshiro256 random)
    {
        int start = random.NextInt(Set.Masks.Count);
        bool flip = random.Chance(0.5f);
        for (int i = 0; i < Set.Masks.Count; i++)
        {
            string path = Set.Masks[(start + i) % Set.Masks.Count];
            if (_store.Load(path) is not { } picture) continue;
            float[] mask = new float[clean.PlaneSize];
            for (int y = 0; y < clean.Height; y++)
                for (int x = 0; x < clean.Width; x++)
                {
                    // Nearest, scaled to the crop: masks stay as hard-edged as they are.
                    int fromX = (flip ? clean.Width - 1 - x : x) * picture.Width / clean.Width, fromY = y * picture.Height / clean.Height;
                    mask[y * clean.Width + x] = picture.Rgb[3 * (fromY * picture.Width + fromX)] >= 128 ? 1f : 0f;
                }
            PlanarImage degraded = clean.Clone();
            Holes.Paint(degraded, mask);
            return new DegradedSample(degraded.Quantise(), clean, Degradation.Uncompleted, mask);
        }
        throw new TrainingException($"{Set.Name}: none of {Set.Masks.Count} masks is readable, e.g. {Set.Masks[0]}");
    }

    private DegradedSample? Pair(PictureEntry entry, Xoshiro256 random)
    {
        if (Read(entry.Target) is not { } target || Read(entry.Input!) is not { } input) return null;
        Picture? mask = null;
        if (entry.Mask is not null && (mask = Read(entry.Mask)) is null) return null;
        foreach ((string path, Picture? picture) in new[] { (entry.Input!, input), (entry.Mask ?? "", mask) })
        {
            if (picture is null || (picture.Width == target.Width && picture.Height == target.Height)) continue;
            _store.Reject(path, $"{path}: {picture.Width}x{picture.Height}, but its target is {target.Width}x{target.Height}");
            return null;
        }
        CropWindow window = CropWindow.Draw(target.Width, target.Height, _crop, random);
        float[]? kept = mask is null ? null
            : Array.ConvertAll(window.Cut(mask, _crop.Size).Plane(0).ToArray(), value => value >= 0.5f ? 1f : 0f);
        return new DegradedSample(window.Cut(input, _crop.Size), window.Cut(target, _crop.Size), Set.Kind!.Value, kept);
    }

    private Picture? Read(string path)
    {
        if (_store.Load(path) is not { } picture) return null;
        // Where pictures may be enlarged anyway, smaller ones become crops, too.
        if (Math.Min(picture.Width, picture.Height) * Math.Max(_crop.Scale.Max, 1) >= _crop.Size) return picture;
        _store.Reject(path, $"{path}: {picture.Width}x{picture.Height} is smaller than the crop of {_crop.Size}");
        return null;
    }
}
