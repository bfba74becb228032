# One static binary on an empty image.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /havn ./cmd/havn && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /data /data
COPY --from=build /havn /havn
USER 65532:65532
ENV HAVN_LISTEN=0.0.0.0:8080 HAVN_DATA=/data
EXPOSE 8080
VOLUME /data
ENTRYPOINT ["/havn"]
