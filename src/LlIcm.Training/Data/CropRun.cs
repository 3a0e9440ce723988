using LlIcm.Codecs.Mlic;
using LlIcm.Restoration;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// Makes the restorer's training data once instead of in every step: crops degraded, filled where parts are missing, coded at qualities drawn
/// at random and decoded.
/// </summary>
public static class CropRun
{
    private const int BatchSize = 8;

    /// <summary>Makes the crops that are not there yet.</summary>
    /// <param name="recipe">What to make.</param>
    /// <param name="model">The folder or preset whose codec is used.</param>
    /// <param name="options">Data and output.</param>
    /// <param name="cancellation">Ends the work after the crops under way; whole files are kept.</param>
    /// <returns>Crops in the folder.</returns>
    /// <exception cref="TrainingException">Recipe, data or output are unusable.</exception>
    /// <exception cref="ModelException">The codec is missing.</exception>
    public static long Execute(CropRecipe recipe, string model, RunOptions options, CancellationToken cancellation = default)
    {
        recipe.Validate();
        DataRecipe sources = options.Data is { } folder ? (recipe.Data ?? new DataRecipe()) with { Sources = DataRecipe.Of(folder).Sources }
            : recipe.Data ?? throw new TrainingException("no data: --data FOLDER, or a data section in the recipe");
        TrainingData data = TrainingData.Open(sources, recipe.Crop, recipe.Seed);
        foreach (string line in data.Describe()) options.Report(line);
        Output.Guard(options.Output, () => Directory.CreateDirectory(options.Output));
        TorchRuntime.KeepFreedMemory();
        using LlIcmModel joint = LlIcmModel.Load(model, options.Device);
        int shards = (recipe.Count + CropStore.ShardCount - 1) / CropStore.ShardCount;
        long made = 0;
        for (int shard = 0; shard < shards; shard++)
        {
            int count = Math.Min(CropStore.ShardCount, recipe.Count - shard * CropStore.ShardCount);
            string path = Path.Combine(options.Output, CropStore.ShardName(shard));
            if (!File.Exists(path))
            {
                if (!Make(recipe, data, joint, options, shard * CropStore.ShardCount, count, path, cancellation)) break;
                options.Report($"{path}: {count} crops ({made + count} of {recipe.Count})");
            }
            made += count;
        }
        if (data.Problems() is { } problems) options.Report(problems);
        return made;
    }

    // Says whether the file was finished.
    private static bool Make(
        CropRecipe recipe, TrainingData data, LlIcmModel joint, RunOptions options, int first, int count, string path,
        CancellationToken cancellation)
    {
        string partial = path + ".part";
        using BatchLoader<DegradedSample[]> loader = new(
            batch => [.. Enumerable.Range((int)batch * BatchSize, Math.Min(BatchSize, count - (int)batch * BatchSize))
                .Select(i => data.Sample(first + i, 0)).Select(sample => recipe.FillHoles ? Filled(sample) : sample)]);
        Output.Guard(path, () =>
        {
            using (FileStream file = File.Create(partial))
            {
                file.Write(CropShard.Header(recipe.Crop, count));
                for (int at = 0; at < count && !cancellation.IsCancellationRequested; at += BatchSize)
                {
                    DegradedSample[] samples = loader.Next(CancellationToken.None);
                    foreach (DegradedSample sample in Code(recipe, joint, samples, first + at, options.Device)) file.Write(CropShard.Pack(sample));
                }
            }
            if (cancellation.IsCancellationRequested) File.Delete(partial);
            else File.Move(partial, path);
        });
        return !cancellation.IsCancellationRequested;
    }

    private static DegradedSample Filled(DegradedSample sample)
    {
        if (sample.Mask is null) return sample;
        bool[] missing = Array.ConvertAll(sample.Mask, kept => kept < 0.5f);
        for (int c = 0; c < 3; c++) HoleFilling.Fill(sample.Degraded.Plane(c), missing, sample.Degraded.Width, sample.Degraded.Height);
        sample.Degraded.Quantise();
        return sample;
    }

    private static DegradedSample[] Code(CropRecipe recipe, LlIcmModel joint, DegradedSample[] samples, int first, Device device)
    {
        var coded = new List<(int At, float Quality)>();
        for (int i = 0; i < samples.Length; i++)
        {
            Xoshiro256 random = new(Xoshiro256.Mix(recipe.Seed, (ulong)(first + i), 1));
            double draw = random.NextFloat(), quality = random.NextFloat();
            if (draw < recipe.DecodedShare) coded.Add((i, (float)(1 + 7 * Math.Pow(quality, recipe.QualityBias))));
            else if (draw < recipe.DecodedShare + recipe.JpegShare)
            {
                Jpeg.Compress(samples[i].Degraded, (int)(12 + 83 * Math.Pow(quality, recipe.QualityBias)));
                samples[i].Degraded.Quantise();
            }
        }
        if (coded.Count == 0) return samples;
        using var noGrad = GradMode.Disable();
        using var scope = new TensorScope();
        int side = recipe.Crop, picture = 3 * side * side;
        float[] pixels = new float[coded.Count * picture];
        foreach ((int k, (int at, _)) in coded.Index()) samples[at].Degraded.Pixels.CopyTo(pixels, k * picture);
        MlicModel codec = joint.Codec;
        Tensor? wanted = codec.Gains is null ? null : Tensor.From<float>([.. coded.Select(each => each.Quality)], [coded.Count], device);
        Tensor decoded = codec.Forward(Tensor.From<float>(pixels, [coded.Count, 3, side, side], device), wanted).Reconstruction;
        float[] values = decoded.Clamp(0, 1).To(Device.Cpu).ToArray<float>();
        foreach ((int k, (int at, _)) in coded.Index())
        {
            values.AsSpan(k * picture, picture).CopyTo(samples[at].Degraded.Pixels);
            samples[at].Degraded.Quantise();
        }
        return samples;
    }
}
