using LlIcm.Torch;
using LlIcm.Torch.Modules;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Vision;

namespace LlIcm.Training.Vision;

/// <summary>
/// A run of the compact vision model, from a folder of photographs to <c>daclip.safetensors</c>: first the image tower by contrast
/// of crops (<see cref="VisionRunRecipe.Tower"/>), then, with it frozen, the controller (<see cref="VisionRunRecipe.Controller"/>).
/// </summary>
public static class VisionRun
{
    /// <summary>The compact vision tower: pictures of 144×144 in patches of 12×12, no text tower.</summary>
    public static ClipOptions Compact { get; } = new(64, 144, 12, 128, 4, 4, 0, 0, 0, 0, 0) { TextureFilters = 24 };

    /// <summary>Trains both stages.</summary>
    /// <exception cref="TrainingException">Recipe or data are unusable.</exception>
    public static void Execute(VisionRunRecipe recipe, RunOptions options, CancellationToken cancellation = default)
    {
        TorchRuntime.ManualSeed(recipe.Tower.Seed);
        using var model = new DaClipModel(Compact);
        PhotoCache photos = Photographs.Load(options.Data, recipe.Tower.Crop);
        TrainTower(model.Clip, recipe.Tower, photos, options, cancellation);
        model.InitializeController(exact: true);
        using Tensor words = Initialization.Normal(
            [DegradationRecognizer.PublishedWords.Count, Compact.EmbedDim], 1 / Math.Sqrt(Compact.EmbedDim)).Unscoped();
        TrainController(model, words, recipe.Controller, photos, options, cancellation);
        Directory.CreateDirectory(options.Output);
        LlIcmModel.SaveVision(model, words, Path.Combine(options.Output, "daclip.safetensors"));
    }

    /// <summary>Pictures of a batch through CLIP's preprocessing, [B, 3, S, S].</summary>
    internal static Tensor Prepare(ClipPreprocessing preprocessing, ReadOnlySpan<float> pictures, int count, int width, int height)
    {
        int size = 3 * preprocessing.Size * preprocessing.Size, picture = 3 * width * height;
        var prepared = new float[count * size];
        for (int i = 0; i < count; i++)
            preprocessing.PreparePlanes(pictures.Slice(i * picture, picture), width, height).CopyTo(prepared, i * size);
        return Tensor.From<float>(prepared, [count, 3, preprocessing.Size, preprocessing.Size]);
    }

    private static void TrainTower(
        ClipModel clip, VisionRecipe recipe, PhotoCache photos, RunOptions options, CancellationToken cancellation)
    {
        using var trainer = new ContrastiveTrainer(clip, recipe);
        var preprocessing = new ClipPreprocessing(Compact.ImageSize);
        var crops = new CropSource(photos, new CropOptions { Size = recipe.Crop });
        var meter = new RunMeter();
        while (trainer.Step < recipe.Steps)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var first = new List<Tensor>();
            var second = new List<Tensor>();
            for (int k = 0; k < recipe.BatchSize; k++)
            {
                var random = new Xoshiro256(Xoshiro256.Mix(recipe.Seed, (ulong)trainer.Step, (ulong)k));
                PlanarImage photo = crops.Next(random);
                first.Add(View(photo, random, preprocessing));
                second.Add(View(photo, random, preprocessing));
            }
            (double loss, double accuracy) = trainer.Train(Tensor.Cat(0, [.. first]), Tensor.Cat(0, [.. second]));
            meter.Add(("loss", loss), ("accuracy", accuracy));
            if (trainer.Step % options.ReportEvery == 0) options.Report("tower " + meter.Line(trainer.Step, recipe.Steps));
        }
    }

    private static void TrainController(
        DaClipModel model, Tensor words, VisionRecipe recipe, PhotoCache photos, RunOptions options,
        CancellationToken cancellation)
    {
        using var trainer = new ControllerTrainer(model, words, recipe);
        var preprocessing = new ClipPreprocessing(Compact.ImageSize);
        var degradations = new DegradationOptions { Weights = DegradationKinds.All.ToDictionary(kind => kind, _ => 1f) };
        using BatchLoader<TrainingBatch> batches = new DegradedBatches(
            new CropSource(photos, new CropOptions { Size = recipe.Crop }), new DegradationSampler(degradations),
            recipe.BatchSize, recipe.Seed + 1).Start(1, 4);
        var meter = new RunMeter();
        while (trainer.Step < recipe.Steps)
        {
            using var scope = new TensorScope();
            TrainingBatch batch = batches.Next(cancellation);
            ControllerLoss loss = trainer.Train(
                Prepare(preprocessing, batch.Degraded, batch.Count, batch.Width, batch.Height),
                Prepare(preprocessing, batch.Clean, batch.Count, batch.Width, batch.Height),
                WordsOf(batch));
            meter.Add(("degradation", loss.Degradation), ("recognised", loss.Recognised));
            if (loss.Content is { } content) meter.AddRare(("content", content), ("matched", loss.Matched!.Value));
            if (trainer.Step % options.ReportEvery == 0) options.Report("controller " + meter.Line(trainer.Step, recipe.Steps));
        }
    }

    /// <summary>Indices of the batch's degradations in DA-CLIP's list of words, [B].</summary>
    internal static Tensor WordsOf(TrainingBatch batch)
    {
        List<string> words = [.. DegradationRecognizer.PublishedWords];
        return Tensor.From<long>(batch.Kinds.Select(kind => (long)words.IndexOf(kind.Word())).ToArray(), [batch.Count]);
    }

    // A square of half to the whole side, mirrored at random.
    private static Tensor View(PlanarImage photo, Xoshiro256 random, ClipPreprocessing preprocessing)
    {
        int side = (int)(photo.Width * (0.5f + 0.5f * random.NextFloat()));
        int left = random.NextInt(photo.Width - side + 1), top = random.NextInt(photo.Height - side + 1);
        bool mirror = random.Chance(0.5f);
        var view = new PlanarImage(side, side);
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < side; y++)
            {
                ReadOnlySpan<float> source = photo.Plane(c).Slice((top + y) * photo.Width + left, side);
                Span<float> target = view.Plane(c).Slice(y * side, side);
                source.CopyTo(target);
                if (mirror) target.Reverse();
            }
        return Prepare(preprocessing, view.Pixels, 1, side, side);
    }
}
