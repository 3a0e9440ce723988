using System.Globalization;
using LlIcm.Codecs.Mlic;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Codec;

/// <summary>
/// Rate–distortion points on held-out photographs, from their middle parts with rounded values: the rate is the entropy model's, which
/// a file exceeds by a few bytes.
/// </summary>
public sealed class CodecValidation
{
    private const int MostPhotographs = 24, LargestSide = 512;

    private readonly CodecRecipe _recipe;
    private readonly PlanarImage[] _pictures;

    /// <summary>Takes the middle parts of up to 24 photographs, sides multiples of 64 and at most 512.</summary>
    public CodecValidation(CodecRecipe recipe, PhotoCache photos)
    {
        _recipe = recipe;
        int tooShort = recipe.Distortion == DistortionKind.MsSsim ? Distortion.MsSsimLongestRefusedSide : 0;
        _pictures = [.. photos.Photos.Where(photo => Math.Min(Side(photo.Width), Side(photo.Height)) > tooShort)
            .Take(MostPhotographs).Select(Middle)];
        if (_pictures.Length == 0)
            throw new TrainingException($"the validation photographs are too small: distortion ms_ssim wants sides above {tooShort}");
    }

    /// <summary>Measures a codec: means over the photographs at each quality.</summary>
    public StageValidation Measure(MlicModel model, Device device, CancellationToken cancellation)
    {
        using var noGrad = GradMode.Disable();
        model.Eval();
        try
        {
            var values = new List<(string Name, double Value)>();
            double cost = 0;
            double[] qualities = Qualities(model);
            foreach (double quality in qualities)
            {
                double bits = 0, psnr = 0;
                foreach (PlanarImage picture in _pictures)
                {
                    cancellation.ThrowIfCancellationRequested();
                    using var scope = new TensorScope();
                    (double rate, double error, double distortion, double lambda) = Measure(model, picture, quality, device);
                    bits += rate / _pictures.Length;
                    psnr += -10 * Math.Log10(Math.Max(error, 1e-12)) / _pictures.Length;
                    cost += (distortion + rate) * Math.Pow(lambda / 0.013, -_recipe.LambdaWeightExponent)
                        / _pictures.Length / qualities.Length;
                }
                string name = model.Gains is null ? "" : string.Create(CultureInfo.InvariantCulture, $"q{quality}_");
                values.Add((name + "bpp", bits));
                values.Add((name + "psnr", psnr));
            }
            return new StageValidation(-cost, values);
        }
        finally
        {
            model.Train();
        }
    }

    private (double Rate, double Error, double Distortion, double Lambda) Measure(
        MlicModel model, PlanarImage picture, double quality, Device device)
    {
        Tensor input = Tensor.From<float>(picture.Pixels, [1, 3, picture.Height, picture.Width], device);
        Tensor? wanted = model.Gains is null ? null : Tensor.From<float>([(float)quality], [1], device);
        MlicOutput output = model.Forward(input, wanted);
        Tensor decoded = (output.Reconstruction.Clamp(0, 1) * 255).Round() * (1 / 255.0);
        Tensor lambda = wanted is null
            ? Tensor.Full([1], _recipe.MseLambda, device: device) : model.Gains!.Lambda(wanted);
        return (
            output.Bits().Item() / ((double)picture.Width * picture.Height), (decoded - input).Square().Mean().Item(),
            Distortion.Weighted(_recipe.Distortion, decoded, input, lambda).Item(), lambda.Item());
    }

    private static double[] Qualities(MlicModel model)
    {
        if (model.Gains is not { } gains) return [1];
        double last = gains.Levels;
        return [.. new[] { 1, Math.Round(1 + (last - 1) / 3), Math.Round(1 + (last - 1) * 2 / 3), last }.Distinct()];
    }

    private static PlanarImage Middle(Picture photo)
    {
        int width = Side(photo.Width), height = Side(photo.Height);
        return Resampler.Crop(
            photo, (photo.Width - width) / 2, (photo.Height - height) / 2, width, height, width, height);
    }

    private static int Side(int side) => Math.Min(LargestSide, side / MlicModel.Stride * MlicModel.Stride);
}
