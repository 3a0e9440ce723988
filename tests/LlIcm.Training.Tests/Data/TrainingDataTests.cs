using LlIcm.Imaging;
using LlIcm.Training.Codec;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Data;

public class TrainingDataTests
{
    private const string Yaml = """
        data:
          memory_megabytes: 16
          sources:
            - kind: photos
              path: PHOTOS
              weight: 3
              degradations:
                weights: { rainy: 1, low-light: 1 }
                rain: { coverage: [0.1, 0.2], strength: 0.5 }
            - kind: pairs
              path: PAIRS
              task: dehaze
            - kind: celeba_hq
              path: FACES
              masks: MASKS
              split: test
        """;

    [Fact]
    public void ARecipesSectionMixesSourcesByWeight()
    {
        using TemporaryFolder folder = Folder();
        DataRecipe recipe = Read(folder);
        Assert.Equal(new Interval(0.1f, 0.2f), recipe.Sources[0].Degradations!.Rain.Coverage);
        Assert.Equal(new Interval(0.5f, 0.5f), recipe.Sources[0].Degradations!.Rain.Strength);
        TrainingData data = TrainingData.Open(recipe, 32, 1, decode: Decode);
        var kinds = Enumerable.Range(0, 200).Select(k => data.Sample(k, 0).Kind).GroupBy(kind => kind)
            .ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(
            [Degradation.Hazy, Degradation.LowLight, Degradation.Rainy, Degradation.Uncompleted], kinds.Keys.Order());
        Assert.InRange(kinds[Degradation.Rainy] + kinds[Degradation.LowLight], 100, 140);
        Assert.InRange(kinds[Degradation.Hazy], 20, 60);
        Assert.Equal(3, data.Describe().Count());
    }

    [Fact]
    public void EpochsAreCountedInStepsOfThePicturesDrawnFrom()
    {
        using TemporaryFolder folder = Folder();
        DataRecipe recipe = Read(folder);
        TrainingData data = TrainingData.Open(recipe, 32, 1, decode: Decode);
        int photos = data.Sources[0].Set.Entries.Count;
        Assert.Equal(data.Sources.Sum(source => source.Set.Entries.Count), data.Pictures);
        var training = new CodecRecipe { Steps = 7, BatchSize = 2 };
        Assert.Equal(7, RunData.CountSteps(training, data).Steps);
        Assert.Equal((int)Math.Ceiling(1.5 * data.Pictures), RunData.CountSteps(training with { Epochs = 3 }, data).Steps);
        // A source without weight is never drawn from.
        DataRecipe first = recipe with { Sources = [.. recipe.Sources.Select((source, i) => source with { Weight = i == 0 ? 1 : 0 })] };
        Assert.Equal(photos, TrainingData.Open(first, 32, 1, decode: Decode).Pictures);
        Assert.Throws<TrainingException>((training with { Epochs = 0 }).Validate);
    }

    [Fact]
    public void ASampleDependsOnSeedStepAndNumberAlone()
    {
        using TemporaryFolder folder = Folder();
        TrainingData first = TrainingData.Open(Read(folder), 32, 5, decode: Decode);
        TrainingData second = TrainingData.Open(Read(folder) with { MemoryMegabytes = 0 }, 32, 5, decode: Decode);
        TrainingData other = TrainingData.Open(Read(folder), 32, 6, decode: Decode);
        for (int k = 7; k >= 0; k--) second.Sample(3, k);
        TrainingBatch whole = first.Make(3, 0, 8), part = second.Make(3, 2, 4);
        Assert.Equal(whole.Degraded[(2 * 3 * 32 * 32)..(6 * 3 * 32 * 32)], part.Degraded);
        Assert.NotEqual(whole.Degraded, other.Make(3, 0, 8).Degraded);
        Assert.NotEqual(whole.Degraded, first.Make(4, 0, 8).Degraded);
    }

    [Fact]
    public void ASourcesSeedChangesItsOwnDrawsOnly()
    {
        using TemporaryFolder folder = Folder();
        DataRecipe recipe = Read(folder);
        var changed = new DataRecipe { Sources = [recipe.Sources[0] with { Seed = 9 }, .. recipe.Sources.Skip(1)] };
        TrainingData before = TrainingData.Open(recipe, 32, 5, decode: Decode), after = TrainingData.Open(changed, 32, 5, decode: Decode);
        int same = 0, different = 0;
        for (int k = 0; k < 60; k++)
        {
            DegradedSample a = before.Sample(0, k), b = after.Sample(0, k);
            if (a.Kind is Degradation.Hazy or Degradation.Uncompleted)
            {
                Assert.Equal(a.Degraded.Pixels, b.Degraded.Pixels);
                same++;
            }
            else if (!a.Degraded.Pixels.AsSpan().SequenceEqual(b.Degraded.Pixels)) different++;
        }
        Assert.True(same > 5 && different > 20, $"{same} stayed, {different} changed");
    }

    [Fact]
    public void JitterChangesColoursBeforePicturesAreDegraded()
    {
        using TemporaryFolder folder = Folder();
        SourceRecipe plain = Read(folder).Sources[0] with { Task = "clean" };
        TrainingData Open(ColourJitter? jitter) => TrainingData.Open(
            new DataRecipe { Sources = [plain with { Jitter = jitter }] }, 32, 1, decode: Decode);
        static ColourJitter Fixed(float contrast, float brightness, float saturation) => new()
        {
            Chance = 1,
            Contrast = new(contrast, contrast),
            Brightness = new(brightness, brightness),
            Saturation = new(saturation, saturation),
        };
        DegradedSample before = Open(null).Sample(0, 0);
        DegradedSample same = Open(Fixed(1, 0, 1)).Sample(0, 0), never = Open(Fixed(0, 0, 0) with { Chance = 0 }).Sample(0, 0);
        Assert.Equal(before.Clean.Pixels, same.Clean.Pixels);
        Assert.Equal(before.Clean.Pixels, never.Clean.Pixels);

        DegradedSample flat = Open(Fixed(0.5f, 0.1f, 0)).Sample(0, 0);
        Assert.Equal(flat.Clean.Pixels, flat.Degraded.Pixels);
        float mean = before.Clean.Pixels.Average();
        for (int i = 0; i < flat.Clean.PlaneSize; i++)
        {
            float grey = 0.299f * before.Clean.Plane(0)[i] + 0.587f * before.Clean.Plane(1)[i] + 0.114f * before.Clean.Plane(2)[i];
            float expected = Math.Clamp((grey - mean) * 0.5f + mean + 0.1f, 0, 1);
            Assert.Equal(expected, flat.Clean.Plane(0)[i], 0.003f);
            Assert.Equal(flat.Clean.Plane(0)[i], flat.Clean.Plane(2)[i]);
        }
    }

    [Theory]
    [InlineData("{ chance: 2 }", "chance must lie within 0 and 1")]
    [InlineData("{ contrast: [1, 0.5] }", "contrast must lie within 0 and 4, the smaller end first")]
    [InlineData("{ brightness: [-2, 0] }", "brightness must lie within -1 and 1, the smaller end first")]
    [InlineData("{ saturation: -1 }", "saturation must lie within 0 and 4, the smaller end first")]
    public void JitterOutOfRangeIsNamed(string jitter, string problem)
    {
        using TemporaryFolder folder = Folder();
        DataRecipe recipe = Read(folder, Yaml.Replace("weight: 3", $"jitter: {jitter}", StringComparison.Ordinal));
        TrainingException error = Assert.Throws<TrainingException>(() => TrainingData.Open(recipe, 32, 1, decode: Decode));
        Assert.EndsWith(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void JitterOfPairsIsRefused()
    {
        using TemporaryFolder folder = Folder();
        DataRecipe recipe = new() { Sources = [Read(folder).Sources[1] with { Jitter = new ColourJitter() }] };
        TrainingException error = Assert.Throws<TrainingException>(() => TrainingData.Open(recipe, 32, 1, decode: Decode));
        Assert.Contains("jitter is for photographs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AShareOfTheCropsIsDrawn()
    {
        using TemporaryFolder folder = Folder();
        SourceRecipe plain = Read(folder).Sources[0] with { Task = "clean" };
        TrainingData Open(float drawn, ulong seed = 1) => TrainingData.Open(
            new DataRecipe { Sources = [plain with { Drawn = drawn }] }, 32, seed, decode: Decode);
        TrainingData some = Open(0.25f), all = Open(1), again = Open(1), other = Open(1, 2);
        int[] levels = [.. Enumerable.Range(0, 60).Select(k => Extremes(some.Sample(0, k))), .. Enumerable.Range(0, 60).Select(k => Extremes(all.Sample(0, k)))];
        // Half of the textures are pure black and white, which a photograph of the tests never is.
        Assert.InRange(levels[..60].Count(each => each > 256), 2, 25);
        Assert.InRange(levels[60..].Count(each => each > 256), 25, 60);
        for (int k = 0; k < 20; k++)
        {
            DegradedSample sample = all.Sample(1, k);
            Assert.All(sample.Clean.Pixels, value => Assert.Equal(MathF.Round(value * 255), value * 255, 1e-3));
            Assert.Equal(sample.Clean.Pixels, again.Sample(1, k).Clean.Pixels);
            Assert.NotEqual(sample.Clean.Pixels, other.Sample(1, k).Clean.Pixels);
        }

        static int Extremes(DegradedSample sample) => sample.Clean.Pixels.Count(value => value is 0 or 1);
    }

    [Theory]
    [InlineData(0, "drawn of", 1.5f)]
    [InlineData(0, "drawn of", float.NaN)]
    [InlineData(1, "drawn is for photographs", 0.1f)]
    public void AShareThatMakesNoSenseIsNamed(int source, string problem, float drawn)
    {
        using TemporaryFolder folder = Folder();
        DataRecipe recipe = new() { Sources = [Read(folder).Sources[source] with { Drawn = drawn }] };
        TrainingException error = Assert.Throws<TrainingException>(() => TrainingData.Open(recipe, 32, 1, decode: Decode));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheEvenestOfSomeCropsIsTaken()
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < 4; i++) folder.Touch($"{i}.png");
        // One photograph of four is gravel, the others are scenes, half dark and half light.
        static Picture Draw(string path)
        {
            bool gravel = path.EndsWith("2.png", StringComparison.Ordinal);
            byte[] rgb = new byte[64 * 64 * 3];
            Xoshiro256 random = new(1);
            for (int i = 0; i < rgb.Length; i++)
                rgb[i] = (byte)(gravel ? 100 + random.NextInt(50) : i / 3 % 64 < 32 ? 40 + random.NextInt(20) : 200);
            return new Picture(64, 64, rgb);
        }
        int Gravel(int candidates)
        {
            SourceRecipe source = new() { Kind = SourceKind.Photos, Path = folder.Path, Task = "clean", Scale = new(1f, 1f), EvenestOf = candidates };
            TrainingData data = TrainingData.Open(new DataRecipe { Sources = [source] }, 64, 1, decode: Draw);
            return Enumerable.Range(0, 40).Count(k => data.Sample(0, k).Clean.Pixels.All(value => value * 255 is > 99 and < 151));
        }
        Assert.InRange(Gravel(1), 3, 20);
        Assert.InRange(Gravel(16), 36, 40);
    }

    [Theory]
    [InlineData(0, "evenest_of of", 0)]
    [InlineData(0, "evenest_of of", 65)]
    [InlineData(1, "evenest_of is for photographs", 2)]
    public void ANumberOfCandidatesThatMakesNoSenseIsNamed(int source, string problem, int candidates)
    {
        using TemporaryFolder folder = Folder();
        DataRecipe recipe = new() { Sources = [Read(folder).Sources[source] with { EvenestOf = candidates }] };
        TrainingException error = Assert.Throws<TrainingException>(() => TrainingData.Open(recipe, 32, 1, decode: Decode));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PairsAreCutAtTheSamePlace()
    {
        using TemporaryFolder folder = new();
        folder.Touch("input/a.png", "target/a.png");
        TrainingData data = TrainingData.Open(
            new DataRecipe { Sources = [new SourceRecipe { Kind = SourceKind.Pairs, Path = folder.Path, Task = "derain", Rotate = true }] },
            16, 1, decode: Places);
        for (int k = 0; k < 20; k++)
        {
            DegradedSample sample = data.Sample(0, k);
            // The input is the target plus ten levels.
            for (int i = 0; i < sample.Clean.Pixels.Length; i++)
                Assert.Equal(sample.Clean.Pixels[i] + 10 / 255f, sample.Degraded.Pixels[i], 1e-5f);
        }
        Assert.NotEqual(data.Sample(0, 0).Clean.Pixels, data.Sample(0, 1).Clean.Pixels);
    }

    [Fact]
    public void MasksMakeHolesThatAreWhite()
    {
        using TemporaryFolder folder = Folder();
        TrainingData data = TrainingData.Open(new DataRecipe { Sources = [Read(folder).Sources[2]] }, 32, 1, decode: Decode);
        DegradedSample sample = data.Sample(0, 0);
        Assert.Equal(32 * 16, sample.Mask!.Count(value => value == 0));
        for (int i = 0; i < sample.Mask!.Length; i++)
            Assert.Equal(sample.Mask[i] == 0 ? 1f : sample.Clean.Pixels[i], sample.Degraded.Pixels[i]);
    }

    [Fact]
    public void UnusablePicturesAreSkippedAndReported()
    {
        using TemporaryFolder folder = new();
        folder.Touch("a.png", "bad.png", "small.png", "z.png");
        TrainingData data = TrainingData.Open(DataRecipe.Of(folder.Path), 32, 1, decode: Decode);
        for (int k = 0; k < 40; k++) data.Sample(0, k);
        Assert.Equal(["bad.png", "small.png"], data.Store.Skipped.Select(each => Path.GetFileName(each.Path)));
        Assert.Contains("smaller than the crop of 32", data.Store.Skipped[1].Reason);
        Assert.StartsWith("2 files skipped", data.Problems());
    }

    [Fact]
    public void WhereScaleEnlargesSmallPicturesAreUsedToo()
    {
        using TemporaryFolder folder = new();
        folder.Touch("small.png", "z.png");
        SourceRecipe source = DataRecipe.Of(folder.Path).Sources[0];
        TrainingData Open(float scale) => TrainingData.Open(
            new DataRecipe { Sources = [source with { Scale = new Interval(1, scale) }] }, 32, 1, decode: Decode);
        Picture small = Decode("small.png");
        float needed = 32f / Math.Min(small.Width, small.Height);
        foreach ((float scale, int skipped) in (ReadOnlySpan<(float, int)>)[(needed * 0.99f, 1), (needed, 0)])
        {
            TrainingData data = Open(scale);
            for (int k = 0; k < 20; k++) Assert.Equal(32, data.Sample(0, k).Clean.Width);
            Assert.Equal(skipped, data.Store.Skipped.Count);
        }
    }

    [Fact]
    public void PairsOfDifferentSizesAreSkipped()
    {
        using TemporaryFolder folder = new();
        folder.Touch("input/large.png", "target/large.png", "input/x.png", "target/x.png");
        TrainingData data = TrainingData.Open(
            new DataRecipe { Sources = [new SourceRecipe { Kind = SourceKind.Pairs, Path = folder.Path, Task = "hazy" }] }, 32, 1, decode: Decode);
        for (int k = 0; k < 20; k++) data.Sample(0, k);
        Assert.Contains("its target is", Assert.Single(data.Store.Skipped).Reason);
    }

    [Theory]
    [InlineData("bad.png bad2.png", "damaged")]
    [InlineData("small.png", "smaller than the crop")]
    public void ASourceWithoutUsablePictureIsRefusedAtOnce(string files, string named)
    {
        using TemporaryFolder folder = new();
        folder.Touch(files.Split(' '));
        string message = Assert.Throws<TrainingException>(() => TrainingData.Open(DataRecipe.Of(folder.Path), 32, 1, decode: Decode)).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(2f, 1f)]
    [InlineData(1f, 5f)]
    public void AScaleOutsideItsRangeIsRefusedWithItsFolder(float from, float to)
    {
        using TemporaryFolder folder = new();
        folder.Touch("large.png");
        SourceRecipe source = DataRecipe.Of(folder.Path).Sources[0] with { Scale = new Interval(from, to) };
        string message = Assert.Throws<TrainingException>(
            () => TrainingData.Open(new DataRecipe { Sources = [source] }, 32, 1, decode: Decode)).Message;
        Assert.Contains($"scale of {folder.Path}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: { sources: [ { kind: rain200 } ] }", "rain200")]
    [InlineData("data: { sources: [ { knd: photos } ] }", "knd")]
    [InlineData("data: { sources: [ { degradations: { weights: { wet: 1 } } } ] }", "wet")]
    [InlineData("data: { sources: [ { degradations: { rain: { coverage: [1, 2, 3] } } } ] }", "[from, to]")]
    [InlineData("data: { sources: [ { degradations: { rain: { coverage: much } } } ] }", "much")]
    public void AnUnknownKeyOrValueOfTheSectionIsNamed(string yaml, string named)
    {
        string message = Assert.Throws<TrainingException>(() => RecipeFile.Parse<Holder>(yaml, "recipe.yaml")).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void OverridesReachIntoSections()
    {
        Holder holder = RecipeFile.Parse<Holder>("data:\n  cache: a\n  memory_megabytes: 7\n", "recipe.yaml", ["data.cache=/tmp/x", "data.sources=[{kind: lol, path: p}]"]);
        Assert.Equal(("/tmp/x", 7, SourceKind.Lol), (holder.Data.Cache, holder.Data.MemoryMegabytes, holder.Data.Sources[0].Kind));
    }

    private sealed record Holder
    {
        public DataRecipe Data { get; init; } = new();
    }

    private static TemporaryFolder Folder()
    {
        TemporaryFolder folder = new();
        folder.Touch("photos/a.png", "photos/b.png", "pairs/input/c.png", "pairs/target/c.png", "masks/m.png");
        folder.Touch([.. Enumerable.Range(0, 3).Select(i => $"faces/{i}.png")]);
        return folder;
    }

    private static DataRecipe Read(TemporaryFolder folder, string yaml = Yaml)
    {
        string text = yaml;
        foreach (string name in (string[])["photos", "pairs", "faces", "masks"])
            text = text.Replace(name.ToUpperInvariant(), Path.Combine(folder.Path, name), StringComparison.Ordinal);
        return RecipeFile.Parse<Holder>(text, "recipe.yaml").Data;
    }

    // Waves whose phase is the name's first letter; masks are black on the left.
    private static Picture Decode(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        if (name.StartsWith("bad", StringComparison.Ordinal)) throw new PictureException($"{path}: damaged");
        int width = name == "small" ? 20 : name == "large" && path.Contains("input", StringComparison.Ordinal) ? 70 : 64;
        byte[] rgb = new byte[3 * width * 48];
        for (int i = 0; i < rgb.Length; i++)
            rgb[i] = name == "m" ? (byte)(i / 3 % width < width / 2 ? 0 : 255) : (byte)(128 + 80 * Math.Sin(i * 0.05 + name[0]));
        return new Picture(width, 48, rgb);
    }

    private static Picture Places(string path)
    {
        byte[] rgb = new byte[3 * 40 * 30];
        for (int i = 0; i < rgb.Length; i++)
            rgb[i] = (byte)(i * 7 % 200 + (path.Contains("input", StringComparison.Ordinal) ? 10 : 0));
        return new Picture(40, 30, rgb);
    }
}
