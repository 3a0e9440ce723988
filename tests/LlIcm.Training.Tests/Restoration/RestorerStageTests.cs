using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Training.Restoration;
using LlIcm.Training.Tests.Data;

namespace LlIcm.Training.Tests.Restoration;

public sealed class RestorerStageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void StoredCropsComeBackAsTheyWere()
    {
        DegradedSample[] samples = [.. Enumerable.Range(0, 3).Select(i => Sample(i, masked: i == 1))];
        Store("crops-00000.bin", samples);
        using CropStore store = CropStore.Open(_folder.Path, null, 1);
        Assert.Equal(3, store.Count);
        for (int i = 0; i < samples.Length; i++)
        {
            DegradedSample read = store.Middle(i);
            Assert.Equal(samples[i].Kind, read.Kind);
            Assert.Equal(samples[i].Degraded.ToInterleaved(), read.Degraded.ToInterleaved());
            Assert.Equal(samples[i].Clean.ToInterleaved(), read.Clean.ToInterleaved());
            Assert.Equal(samples[i].Mask, read.Mask);
        }
    }

    [Fact]
    public void ADrawIsAFunctionOfStepAndNumber()
    {
        Store("crops-00000.bin", [.. Enumerable.Range(0, 4).Select(i => Sample(i))]);
        Store("crops-00001.bin", [.. Enumerable.Range(4, 3).Select(i => Sample(i))]);
        using CropStore one = CropStore.Open(_folder.Path, 16, 9), other = CropStore.Open(_folder.Path, 16, 9);
        Assert.Equal(7, one.Count);
        for (int k = 0; k < 20; k++)
            Assert.Equal(one.Sample(3, k).Degraded.Pixels, other.Sample(3, k).Degraded.Pixels);
        Assert.NotEqual(one.Sample(3, 0).Degraded.Pixels, one.Sample(4, 0).Degraded.Pixels);
    }

    [Fact]
    public void DamagedStoresAreNamed()
    {
        Assert.Contains("no crops", Assert.Throws<TrainingException>(() => CropStore.Open(_folder.Path, 16, 1)).Message, StringComparison.Ordinal);
        string path = Path.Combine(_folder.Path, "crops-00000.bin");
        File.WriteAllBytes(path, [1, 2, 3]);
        Assert.Contains(path, Assert.Throws<TrainingException>(() => CropStore.Open(_folder.Path, 16, 1)).Message, StringComparison.Ordinal);
        Store("crops-00000.bin", [Sample(0)]);
        Assert.Contains("32", Assert.Throws<TrainingException>(() => CropStore.Open(_folder.Path, 64, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainingLowersTheLossAndGoesOnWhereItStopped()
    {
        Store("crops-00000.bin", [.. Enumerable.Range(0, 6).Select(i => Sample(i))]);
        var recipe = new RestorerRecipe
        {
            Steps = 40,
            BatchSize = 4,
            Crop = 32,
            Widths = [8, 12],
            Blocks = [1],
            Dilations = [1],
            LearningRate = 3e-3,
            WarmUp = 0,
            ReportEvery = 10,
            ValidateEvery = 40,
            Precision = ComputePrecision.Fp32,
        };
        string whole = Path.Combine(_folder.Path, "whole"), parts = Path.Combine(_folder.Path, "parts");
        RestorerRun.Execute(recipe, Options(whole));
        using (var cancel = new CancellationTokenSource())
        {
            RestorerRun.Execute(recipe, Options(parts) with { Progress = progress => { if (progress.Step == 15) cancel.Cancel(); } }, cancel.Token);
        }
        RestorerRun.Execute(recipe, Options(parts) with { Resume = true });
        string[] files = [.. new[] { whole, parts }.Select(each => Path.Combine(each, RestorerStage.FileName))];
        Assert.Equal(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));

        string[] log = [.. File.ReadAllLines(Path.Combine(whole, "restorer.log.jsonl")).Where(line => line.Contains("\"training\"", StringComparison.Ordinal))];
        Assert.True(Loss(log[^1]) < 0.7 * Loss(log[0]), $"{log[0]}\n{log[^1]}");
        Assert.Contains("hazy_psnr_after", File.ReadAllText(Path.Combine(whole, "restorer.log.jsonl")), StringComparison.Ordinal);

        RunOptions Options(string output) => new() { Data = _folder.Path, Validation = _folder.Path, Output = output };
    }

    [Fact]
    public void RainAndShadowsAreLaidOverOtherPictures()
    {
        PlanarImage clean = Flat(0.5f), target = Flat(0.6f), rainy = Flat(0.6f), shaded = Flat(0.6f);
        for (int i = 0; i < 200; i++)
        {
            rainy.Pixels[i] += 0.2f;
            shaded.Pixels[i] *= 0.5f;
        }
        DegradedSample rain = Transfer.Lay(clean, rainy, target, Degradation.Rainy, new Xoshiro256(1));
        Assert.All(rain.Degraded.Pixels[..200], value => Assert.InRange(value, 0.6f, 0.8f));
        Assert.All(rain.Degraded.Pixels[200..], value => Assert.Equal(0.5f, value, 0.01f));
        DegradedSample shadow = Transfer.Lay(clean, shaded, target, Degradation.Shadowed, new Xoshiro256(1));
        // Away from the edge, which is softened.
        Assert.All(shadow.Degraded.Pixels[..64], value => Assert.InRange(value, 0.15f, 0.4f));
        Assert.All(shadow.Degraded.Pixels[^64..], value => Assert.Equal(0.5f, value, 0.01f));
        Assert.Throws<ArgumentException>(() => Transfer.Lay(clean, rainy, target, Degradation.Hazy, new Xoshiro256(1)));
    }

    private static double Loss(string line) => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble();

    private static PlanarImage Flat(float value)
    {
        PlanarImage image = new(32, 32);
        Array.Fill(image.Pixels, value);
        return image;
    }

    private static DegradedSample Sample(int seed, bool masked = false)
    {
        var random = new Xoshiro256((ulong)seed);
        PlanarImage clean = new(32, 32), degraded = new(32, 32);
        for (int i = 0; i < clean.Pixels.Length; i++)
        {
            clean.Pixels[i] = 0.2f + 0.6f * (i % 32 / 32f);
            degraded.Pixels[i] = 0.4f + 0.5f * clean.Pixels[i];
        }
        float[]? mask = masked ? [.. Enumerable.Range(0, 1024).Select(_ => random.Chance(0.5f) ? 1f : 0f)] : null;
        return new DegradedSample(degraded.Quantise(), clean.Quantise(), masked ? Degradation.Uncompleted : Degradation.Hazy, mask);
    }

    private void Store(string name, DegradedSample[] samples) => File.WriteAllBytes(
        Path.Combine(_folder.Path, name), [.. CropShard.Header(32, samples.Length), .. samples.SelectMany(CropShard.Pack)]);
}
